"""Lab08 counts how often an invoice measures its lines, and knows what an invoice must be."""

from __future__ import annotations

import labs
from labs.lab08_workers import counting, rendering
from labs.lab08_workers.scenarios import CAPACITY, LINES, RENDER_S, lines_of

LAB = labs.load("lab08_workers")


def test_the_hot_spot_is_quadratic_and_its_repair_is_not() -> None:
    """The broken code measures n (n - 1) / 2 lines of an order, the reference n."""
    assert counting.heights(LAB.fix("broken").source, (10, 20)) == [45, 190]
    assert counting.heights(LAB.fix("reference").source, (10, 20)) == [10, 20]


def test_code_that_cannot_render_is_not_counted() -> None:
    """A render() that raises, or none at all, gives no count and no error."""
    assert counting.heights("def render(order, lines):\n    raise ValueError\n") is None
    assert counting.heights("x = 1\n") is None


def test_an_invoice_stands_line_below_line() -> None:
    """Each line stands below all that come before it; a long line takes two rows."""
    lines = ["2 x tea", "1 x a kettle of enamelled steel, 2 l, no. 1", "3 x cups"]
    assert rendering.invoice("order-1", lines).splitlines() == [
        "Invoice of order-1",
        "    0 mm  2 x tea",
        "    6 mm  1 x a kettle of enamelled steel, 2 l, no. 1",
        "   18 mm  3 x cups",
    ]


def test_orders_have_twenty_lines_that_nobody_can_guess_the_same_twice() -> None:
    """An order's lines are the same whoever asks, and no two are alike: a cache of heights saves nothing."""
    assert lines_of("order-3") == lines_of("order-3") != lines_of("order-4")
    assert len(set(lines_of("order-3"))) == LINES
    assert (RENDER_S, CAPACITY) == (0.1, 20.0)
