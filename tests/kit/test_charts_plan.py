"""The chart of a query plan: every step is drawn and marked, and the sentence under it says what the picture shows."""

from __future__ import annotations

import pytest

from labs.kit import charts
from labs.kit.charts.plan import OTHER, SCANS, SEARCHES, SORTS, kind_of

SCAN = [(4, 0, "SCAN orders"), (20, 0, "USE TEMP B-TREE FOR ORDER BY")]
SEARCH = [(5, 0, "SEARCH orders USING INDEX i (customer_id=?)")]
NESTED = [
    (5, 0, "SEARCH orders USING INDEX i (customer_id=?)"),
    (17, 0, "CORRELATED SCALAR SUBQUERY 2"),
    (20, 17, "CO-ROUTINE (subquery-1)"),
    (23, 20, "SEARCH items USING PRIMARY KEY (order_id=?)"),
]


def texts(chart):
    """What is written in the figure, with where: {text without its symbol: (x, y)}."""
    [axes] = chart.figure.axes
    return {text.get_text().partition("  ")[2] or text.get_text(): text.get_position() for text in axes.texts}


def test_every_step_is_drawn_in_its_order():
    """Each row of the plan is a box, one under the other."""
    found = texts(charts.plan({"before": SCAN, "after": SEARCH}))
    heights = [found[text][1] for text in ("SCAN orders", "USE TEMP B-TREE FOR ORDER BY", SEARCH[0][2])]
    assert heights == sorted(heights)
    assert {"before", "after"} <= set(found)


def test_a_step_stands_further_right_than_its_parent():
    """The tree is read from the indents."""
    found = texts(charts.plan({"page": NESTED}))
    lefts = [found[text][0] for _, _, text in NESTED]
    assert lefts[0] == lefts[1] < lefts[2] < lefts[3]


def test_the_summary_is_the_plan_in_words():
    """A reader who does not see the picture learns each step, how many scans and sorts there are, and the note."""
    chart = charts.plan({"before": SCAN, "after": SEARCH}, notes={"before": "300,000 rows"})
    assert chart.summary == (
        "before: SCAN orders, then USE TEMP B-TREE FOR ORDER BY (1 full scan, 1 sort); 300,000 rows; "
        "after: SEARCH orders USING INDEX i (customer_id=?) (no full scan and no sort)."
    )


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("SEARCH orders USING INDEX i (customer_id=?)", SEARCHES),
        ("SCAN orders", SCANS),
        ("SCAN orders USING COVERING INDEX i", SCANS),
        ("SCAN (subquery-1)", OTHER),
        ("SCAN CONSTANT ROW", OTHER),
        ("USE TEMP B-TREE FOR RIGHT PART OF ORDER BY", SORTS),
        ("CO-ROUTINE (subquery-1)", OTHER),
    ],
)
def test_steps_are_told_apart(text, kind):
    """A scan of a table is bad news with an index or without; a walk through a subquery's few rows is none."""
    assert kind_of(text) == kind


def test_a_statement_without_a_plan_says_so():
    """INSERT ... VALUES has no rows of EXPLAIN QUERY PLAN: the chart does not leave an unexplained gap."""
    chart = charts.plan({"import": []})
    assert "no plan" in chart.summary
    assert any("no plan" in text for text in texts(chart))


def test_a_row_without_its_parent_stands_at_the_root():
    """A plan that was cut off is drawn as far as it goes."""
    found = texts(charts.plan({"page": [(9, 8, "SCAN orders")]}))
    assert found["SCAN orders"][0] == texts(charts.plan({"page": SCAN}))["SCAN orders"][0]


def test_the_same_plan_gives_the_same_bytes():
    """Charts of notebooks are kept in git: drawn twice, one is the other."""
    one, two = (charts.plan({"page": NESTED}).png() for _ in range(2))
    assert one == two


@pytest.mark.parametrize("count", [0, 9])
def test_what_cannot_be_drawn_is_said(count):
    """No plan, or too many for one figure: an error that says how many are expected."""
    with pytest.raises(ValueError, match=f"{count} plans were given; expected one to eight"):
        charts.plan({f"plan {n}": SCAN for n in range(count)})
