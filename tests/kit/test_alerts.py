"""An alert rule of a learner's, and the table of what others would have tried: each on runs that are made once."""

from __future__ import annotations

import pytest

from labs.kit.measure import stats
from labs.kit.model.lab import Check
from labs.kit.model.verdict import Finding
from labs.kit.notebook import alerts, policies
from tests.kit.handmade import make_run
from tests.kit.learner_lab import HALF, Cell, World, fix

TRY = """
from labs.kit.notebook import alerts
from labs.kit.notebook.alerts import Case
from labs.kit.worlds.parallel import Job

def try_rule(above):
    cases = {
        "well": Case(Job(lab.lab.fix("right_twice"), lab.lab.scenario("outage"))),
        "ill": Case(Job(lab.lab.fix("broken"), lab.lab.scenario("calm")), broken_at_s=2.0),
    }
    fires = lambda run: 5.0 if sum(not r.ok for r in run.requests()) > above else None
    alerts.try_rule(lab, f"More than {above} errors:", cases, fires, 1.0)
"""
POLICIES = "lab.policies()"


def test_a_rule_is_told_from_its_misses_and_false_alarms(cell: Cell) -> None:
    """Each system with whether the rule should fire, when it does, and what to think of that."""
    cell(TRY)
    assert rows(cell("try_rule(3)")) == ["well no never quiet, as it should be", "ill yes second 5 3 s after it broke"]
    assert rows(cell("try_rule(-1)")) == ["well no second 5 false alarm", "ill yes second 5 3 s after it broke"]
    assert rows(cell("try_rule(10)")) == ["well no never quiet, as it should be", "ill yes never missed"]


def test_a_rule_may_be_shown_beside_what_it_had_to_tell_apart(cell: Cell) -> None:
    """One more column, with its head."""
    cell(
        TRY.replace("fires, 1.0)", 'fires, 1.0, beside=("errors", lambda run: str(sum(not r.ok for r in run.requests()))))')
    )
    out = cell("try_rule(3)")
    assert "run errors should it fire?" in " ".join(out.split())
    assert rows(out)[1] == "ill 9 yes second 5 3 s after it broke"


def rows(out: str) -> list[str]:
    """The lines of a table, one blank between cells."""
    return [" ".join(line.split()) for line in out.splitlines() if line.split()[:1] in (["well"], ["ill"])]


def test_a_second_rule_runs_nothing_again(cell: Cell, world: World) -> None:
    """The systems do not change with the rule, so their runs are made once in a session."""
    cell(TRY)
    cell("try_rule(3)")
    assert len(world.runs) == 2
    cell("try_rule(1)")
    assert len(world.runs) == 2


@pytest.mark.parametrize(
    ("at", "broken_at_s", "word"),
    [
        (None, None, "quiet"),
        (3.0, None, "false alarm"),
        (None, 4.0, "missed"),
        (3.0, 4.0, "too early"),
        (6.0, 4.0, "2 s after"),
    ],
)
def test_what_to_think_of_a_rule(at: float | None, broken_at_s: float | None, word: str) -> None:
    """By when it fired and when it should have."""
    assert alerts.judged(at, broken_at_s).startswith(word)


@pytest.mark.parametrize(
    ("seconds", "for_s", "at"),
    [("", 1, None), ("0110", 2, 3.0), ("0110", 3, None), ("101011", 2, 6.0), ("1", 1, 1.0), ("111", 1.5, 2.0)],
)
def test_a_condition_has_to_last(seconds: str, for_s: float, at: float | None) -> None:
    """It counts from its first second, and a break begins it anew."""
    assert stats.lasts((second == "1" for second in seconds), for_s) == at


def test_policies_are_shown_with_what_each_check_measured(cell: Cell, world: World) -> None:
    """A row for each, an x where it is short of the goal, and the gates that it loses."""
    out = cell(POLICIES)
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "as it was x 0.1 -" in lines  # 0 is its own double
    assert "twice 1 -" in lines
    assert sorted(scenario for _, scenario, _ in world.runs) == ["calm", "calm", "outage", "outage"]
    assert "your repair" not in out
    cell(fix(HALF))
    assert "your repair x 0.5 -" in [" ".join(line.split()) for line in cell(POLICIES).splitlines()]
    assert len(world.runs) == 6, "the others are not run again"


def test_nothing_runs_while_a_notebook_is_validated(cell: Cell, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader's Validate has no time for runs."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    cell(TRY)
    assert cell("try_rule(3)") + cell(POLICIES) == ""
    assert world.runs == []


@pytest.mark.parametrize(
    ("unit", "measured", "shown"),
    [("share of orders", 0.4567, "46%"), ("rows", 1234.5, "1234"), ("rows", 12345.6, "12,346"), ("ms", 0.2214, "0.22"),
         ("ms", 83.44, "83.4"),
     ("ms", -0.001, "0"), ("s", float("inf"), "without end")],
)  # fmt: skip
def test_a_cell_is_short(unit: str, measured: float, shown: str) -> None:
    """Shares in percent, three digits that count, whole numbers from a hundred on; an x where it fails."""
    check = Check("c", "C", ("calm",), lambda runs: Finding(False, measured, "r", "m"), 1, "at most", unit, "h", points=1)
    assert policies.cell(check, {"calm": make_run()}) == f"x {shown}"


def test_a_run_that_broke_off_is_no_measurement() -> None:
    """The cell says how it ended."""
    check = Check("c", "C", ("calm",), lambda runs: Finding(True, 1, "r", "m"), 1, "at most", "s", "h", points=1)
    assert policies.cell(check, {"calm": make_run(status="crashed")}) == "x crashed"
