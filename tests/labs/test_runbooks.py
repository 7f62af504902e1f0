"""The model runbooks, played: each helps in its lab's incident, and does nothing on a day without one."""

from __future__ import annotations

from dataclasses import replace

import pytest

import labs
from breakfix.commands.lab_check import runbook_faults
from labs.kit.judging.runbook_cell import alone
from labs.kit.measure import operating, stats
from labs.kit.model.lab import BROKEN
from labs.kit.model.names import ACTION_FAILED, MEMORY, RESTART
from labs.kit.model.record import Run
from labs.kit.model.runbook import ACTIONS, FORMS, LONGEST_TEXT, METRICS, MOST_ACTIONS, MOST_LINES, MOST_STEPS, OF_LINK, Desk
from labs.kit.model.verdict import Status
from labs.kit.worlds.operator.bot import LOOK_S, REACTS_S
from labs.kit.worlds.run import played, run

MB = 1_000_000


def text_of(lab: str) -> str:
    """The lab's own runbook."""
    return (labs.load(lab).folder / "runbook.md").read_text(encoding="utf-8")


def both(name: str) -> tuple[Run, Run]:
    """The incident with the broken code: without an operator, and with the lab's own runbook."""
    lab = labs.load(name)
    fix = alone(lab, lab.fix(BROKEN))
    runs = run(lab, fix, "simulated", lab.called_to), played(lab, fix, lab.called_to, 0, text_of(name))
    assert {each.status for each in runs} == {Status.PASS}
    return runs


def tail(run: Run) -> float:
    """The share of the requests of the last 4 s that were answered."""
    return stats.success_rate(run, run.info.load_s - 4)


@pytest.mark.parametrize(
    ("lab", "without", "with_", "tails"),
    [
        ("lab06", 740, 281, (0.0, 1.0)),
        ("lab07", 1579, 768, (0.0, 0.7)),
        ("lab05", 917, 178, (0.0, 1.0)),
        ("lab01", 2186, 1156, (0.0, 0.9)),
        ("lab03", 750, 670, (0.0, 1.0)),
    ],
)
def test_a_model_runbook_spares_requests(lab: str, without: int, with_: int, tails: tuple[float, float]) -> None:
    """About so many requests fail in the incident without and with it; in its last seconds all is as well as it can be."""
    nobody, somebody = both(lab)
    assert operating.failed(nobody) == pytest.approx(without, rel=0.05)
    assert operating.failed(somebody) == pytest.approx(with_, rel=0.05)
    assert (tail(nobody), round(tail(somebody), 1)) == tails


def test_restarts_buy_time_for_a_leak() -> None:
    """lab02: nothing fails in this world, where no limit kills; memory stays within the room, and some visitors pay."""
    nobody, somebody = both("lab02")
    peaks = [max(sample.value for sample in each.samples(MEMORY, "reports")) for each in (nobody, somebody)]
    assert peaks[0] > 200 * MB
    assert peaks[1] < 48 * MB
    assert operating.failed(nobody) == 0
    assert operating.failed(somebody) < 0.2 * len(somebody.requests())


def test_the_town_is_well_again() -> None:
    """lab13: pages are answered all the time; without an operator no order is, with the runbook all are in the end."""
    nobody, somebody = both("lab13")
    assert operating.failed(nobody) == pytest.approx(350, rel=0.05)
    assert operating.failed(somebody) == pytest.approx(168, rel=0.05)
    orders = [request for request in nobody.requests() if request.request_id.startswith("order") and request.intended > 30]
    assert not any(request.ok for request in orders)
    assert tail(somebody) > 0.95


@pytest.mark.parametrize(("lab", "scenario"), [("lab06", "calm"), ("lab07", "calm"), ("lab05", "calm"), ("lab01", "steady")])
def test_a_model_runbook_does_nothing_on_a_calm_day(lab: str, scenario: str) -> None:
    """Nobody is called, also with the broken code."""
    calm = played(labs.load(lab), labs.load(lab).fix(BROKEN), scenario, 0, text_of(lab))
    assert operating.deeds(calm) == []


PAGE = (labs.ROOT / "docs" / "runbooks.md").read_text(encoding="utf-8")


def test_the_example_of_the_page_runs() -> None:
    """docs/runbooks.md holds one runbook of lab06, and it helps."""
    lab = labs.load("lab06")
    done = played(lab, lab.fix(BROKEN), "outage", 0, PAGE)
    assert tail(done) == 1
    assert [event.detail for event in operating.actions(done)] == ["restart payments"]


def test_the_page_names_every_word() -> None:
    """Each form of a line, each action and each metric is on it, and so are the bounds."""
    names = [*FORMS.values(), *ACTIONS.values(), *METRICS, *(f"{name}(LINK)" for name in OF_LINK)]
    assert [name for name in names if f"`{name}`" not in PAGE] == []
    prose = " ".join(PAGE.split())
    assert (
        f"{LONGEST_TEXT:,} characters, {MOST_LINES} lines in blocks, {MOST_STEPS} steps, and {MOST_ACTIONS} lines" in prose
    )
    assert f"looks every {LOOK_S:g} s" in prose
    assert f"begins {REACTS_S:g} s after the page" in prose


BLIND = """```operator
page calls_per_request(shop->payments) > 2 for 3 s
step {name}
do {action}
expect error_rate < 0.05 for 3 s within 12 s
undo {undo}
```"""


@pytest.mark.parametrize(
    ("action", "undo"),
    [
        ("restart shop", "shed 0"),
        ("set shop ATTEMPTS 1", "set shop ATTEMPTS 4"),
        ("shed 0.8", "shed 0"),
    ],
)
def test_what_seems_to_help_does_not(action: str, undo: str) -> None:
    """lab06: these leave the queue at payments as it is, and with it the storm: nearly all orders fail to the end."""
    lab = labs.load("lab06")
    text = BLIND.format(name="try", action=action, undo=undo)
    blind = played(lab, lab.fix(BROKEN), "outage", 0, text)
    assert tail(blind) < 0.1


def test_lab_check_reads_the_blocks() -> None:
    """Each lab's own are right; what they name must be what the lab declares."""
    assert [fault for name in labs.ours() for fault in runbook_faults(labs.load(name))] == []
    poorer = replace(labs.load("lab06"), desk=Desk(settings={"shop": {"ATTEMPTS": (1, 3)}}))
    told = list(runbook_faults(poorer))
    assert len(told) == 4
    assert "runbook.md: line 30: no service that may be restarted 'payments'; there is: none in this lab" in told
    assert [line for line in told if "ATTEMPTS cannot be '4'; expected 1 to 3" in line]
    assert "declares no desk" in next(runbook_faults(replace(poorer, desk=None)))


LIVE = """```operator
page offered > 1 for 0 s
step all
do set shop ATTEMPTS 1
do shed 0.5
do restart payments
expect shed < 0.1 for 1 s within 4 s
undo set shop ATTEMPTS 4
undo shed 0
```"""


def test_the_desk_of_lab06_works_with_real_processes() -> None:
    """Each action reaches the system; how long anything takes is this machine's matter, and so is not asked."""
    lab = labs.load("lab06")
    done = played(lab, lab.fix(BROKEN), "calm", 0, LIVE, world="live")
    assert done.status in (Status.PASS, Status.INVALID)
    assert [e.detail for e in operating.actions(done)][:3] == ["set shop ATTEMPTS 1", "shed 0.5", "restart payments"]
    assert [(e.subject, e.detail) for e in done.events(RESTART)][:1] == [("payments", "by the operator")]
    assert done.events(ACTION_FAILED) == []
    assert {r.status for r in done.requests()} >= {200, 503}
