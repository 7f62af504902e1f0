"""`lab.act(...)`: what an operator does first, in a real IPython shell."""

from __future__ import annotations

import pytest

from labs.kit.measure import operating
from labs.kit.model.names import PAGED
from labs.kit.model.record import JUDGE, Event
from labs.kit.notebook import acting
from labs.kit.notebook.errors import LearnerError
from tests.kit.handmade import make_request, make_run
from tests.kit.learner_lab import BROKEN, Cell, World
from tests.kit.simulated.tiny import tiny_lab


def evening(*shares: float, paged: bool = True):
    """A run of 5 s for each share, ten requests a second, of which this share is answered; the page comes at 5 s."""
    rows = [
        make_request(5 * part + n / 10, status=200 if n % 10 < 10 * share else 504)
        for part, share in enumerate(shares)
        for n in range(50)
    ]
    return make_run(rows, events=[Event(5.0, PAGED, "", "", JUDGE)] if paged else [], load_s=5.0 * len(shares))


NOTHING = evening(1, 0, 0, 0, 0, 0)


@pytest.mark.parametrize(
    ("run", "so"),
    [
        (NOTHING, "-"),
        (evening(1, 0, 0, 1, 1, 1), "helps"),
        (evening(1, 0, 0, 0, 0, 0), "changes nothing"),
        (evening(0, 0, 0, 0, 0, 0), "makes it worse"),
        (evening(1, 0, 1, 1, 0, 0), "seems to help, and does not last"),
        (evening(1, 0, 0.5, 0.5, 0.5, 0.5), "eases it, and does not end it"),
        (evening(0.3, 0, 0, 0, 0, 1), "ends it, and costs as much as it saves"),
        (evening(1, 0, 0, 1, 1, 1, paged=False), "came to nothing: nobody was called"),
    ],
)
def test_what_an_act_did(run, so: str) -> None:
    """By the failures of the whole run, the last seconds, and the best ones."""
    assert acting.effect(NOTHING, run) == so


def test_without_an_order_the_desk_is_listed(cell: Cell, world: World) -> None:
    """And in the cell as it is released; nothing is run."""
    for call in ("lab.act()", "lab.act(None)"):
        out = cell(call)
        assert "You are called when" in out or "Put an order" in out
        assert '"shed 80%"' in out
    assert world.runs == []


def test_an_act_is_played_beside_doing_nothing(cell: Cell, world: World) -> None:
    """The broken code, twice; a second act adds one run, and one that was done is only shown again."""
    out = cell('lab.act("shed 30%")')
    assert "requests fail if nobody does anything" in out
    assert "shed 30%" in out
    assert [source.endswith(BROKEN) for source, _, _ in world.runs] == [True] * 2
    out = cell('lab.act("shed 50%", then="shed 0", after_s=3)')
    assert "shed 50%, after 3 s shed 0" in out
    assert "shed 30%" in out
    cell('lab.act("shed 30%")')
    assert len(world.runs) == 3


@pytest.mark.parametrize("call", ['"restart moon"', '"shed 80%", then="grow"', "3", '"dance"'])
def test_another_order_is_one_line(cell: Cell, world: World, call: str) -> None:
    """It says what this desk takes."""
    out = cell(f"lab.act({call})")
    assert "This desk takes" in out or "Put an order" in out
    assert "Traceback" not in out
    assert world.runs == []


def test_a_lab_without_an_operator_says_so() -> None:
    """There is nobody to give an order to."""
    with pytest.raises(LearnerError, match="has no operator"):
        acting.page_of(tiny_lab("plain"))


def test_failures_are_counted_as_elsewhere() -> None:
    """The table and the card of a runbook have one count."""
    assert acting.table({acting.NOTHING: NOTHING}).table[1][1] == f"{operating.failed(NOTHING)}"
