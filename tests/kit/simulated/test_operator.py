"""An operator in the simulated world: what he does to a run, and that nothing changes without him."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from labs.kit.model.faults import ErrorStatus
from labs.kit.model.lab import Lab, Scenario, Service
from labs.kit.model.load import Phase
from labs.kit.model.names import ACTION, ACTION_FAILED, PAGED, RESTART, ROLLED_BACK
from labs.kit.model.record import JUDGE, Run
from labs.kit.model.runbook import Desk, RunbookError
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.world import run_simulated
from tests.kit.simulated.tiny import NO_FIX, hosts_alive, tiny_lab

DESK = Desk(
    restarts=("me",),
    settings={"me": {"answer": (0, 9), "broken": (0, 1), "refused": (0, 1), "missing": (0, 1)}},
    client=lambda request: "odd" if int(request.path.rpartition("=")[2]) % 2 else "even",
)
ALWAYS = "page offered > 1 for 0 s"
"""It calls at the first look; the first step begins at 2.5 s."""
BEGINS_S = 2.5
STAYS = "expect p99 > 9 for 1 s within 60 s"
"""The step goes on to the end of the run."""


def lab() -> Lab:
    """One service with an admin route."""
    return replace(tiny_lab("plain"), services=(Service("me", "tests.kit.simulated.operated:told"),), desk=DESK)


def operated(*lines: str, seconds: float = 8.0, fault: ErrorStatus | None = None) -> Run:
    """A run of it, 20 requests a second, with these lines as its runbook; without any, without an operator."""
    scenario = Scenario("operated", (Phase(20, seconds - 1, "constant"),), (fault,) if fault else (), settle_s=1.0)
    text = "\n".join(["```operator", *lines, "```"]) if lines else ""
    run = run_simulated(lab(), NO_FIX, scenario.with_(runbook=text), seed=3)
    assert run.status is Status.PASS
    return run


def test_a_restart_takes_two_seconds() -> None:
    """Callers are refused meanwhile, and the next process begins anew."""
    run = operated(ALWAYS, "step a", "do set me answer 5", "do restart me", STAYS)
    refused = [r.sent for r in run.requests() if r.error_type == "refused"]
    assert min(refused) >= BEGINS_S
    assert max(refused) < BEGINS_S + 2
    assert len(refused) == 39  # evenly spaced, 0.05 s from one to the next
    assert [(e.time, e.subject, e.by) for e in run.events(RESTART)] == [(BEGINS_S + 2, "me", JUDGE)]
    assert {e.subject for e in run.events("served") if e.time > BEGINS_S + 2} == {"1"}
    assert hosts_alive() == []


def test_a_setting_acts_at_once() -> None:
    """The service answers with it from the next request on."""
    run = operated(ALWAYS, "step a", "do set me answer 5", STAYS)
    served = [(e.time, e.subject) for e in run.events("served")]
    assert {value for at, value in served if at < BEGINS_S} == {"1"}
    assert {value for at, value in served if at > BEGINS_S + 0.01} == {"5"}
    assert [(e.time, e.subject, e.detail) for e in run.events(ACTION)] == [(BEGINS_S, "me", "set me answer 5")]


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("do set me refused 1", "set me refused 1: answered 400"),
        ("do set me missing 1", "set me missing 1: answered 400"),
        ("do restart me\ndo set me answer 2", "set me answer 2: no answer"),
        ("do restart me\ndo restart me", "restart me: it is already down"),
    ],
)
def test_an_action_that_fails_is_told(line: str, why: str) -> None:
    """The record says what the service answered, and the run goes on."""
    run = operated(ALWAYS, "step a", line, STAYS)
    assert [event.detail for event in run.events(ACTION_FAILED)] == [why]


def test_load_is_shed_at_the_edge() -> None:
    """What is shed is answered 503 in no time, and never reaches the service; a client's share is his alone."""
    run = operated(ALWAYS, "step a", "do shed 1 client odd", STAYS)
    shed = [r for r in run.requests() if r.status == 503]
    assert {int(r.request_id.rpartition("-")[2]) % 2 for r in shed} == {1}
    assert all(r.done == r.sent >= BEGINS_S for r in shed)
    assert all(r.ok for r in run.requests() if r not in shed)
    assert len(run.events("served")) == sum(r.ok for r in run.requests())


def test_the_bot_sees_what_a_fault_does_and_not_the_fault() -> None:
    """Errors call it, and it rolls back when the run ends in the middle of its step."""
    fault = ErrorStatus(service="me", rate=1.0, at_s=2.0, seconds=10.0)
    lines = ("page error_rate > 0.5 for 1 s", "step a", "do shed 0.5", "expect error_rate < 0.1 for 3 s within 60 s")
    run = operated(*lines, "undo shed 0", fault=fault)
    (paged,) = run.events(PAGED)
    assert paged.time > 2.0
    assert [e.detail for e in run.events(ACTION)] == ["shed 0.5", "shed 0"]
    assert [e.time for e in run.events(ROLLED_BACK)] == [7.5]


def test_an_operator_who_does_nothing_changes_no_request() -> None:
    """To look is free: the requests are those of a run without an operator, to the nanosecond."""
    assert operated("page p99 > 9 for 1 s", "step a").requests() == operated().requests()


def test_the_same_seed_gives_the_same_bytes(tmp_path: Path) -> None:
    """Also with every kind of action."""
    lines = (ALWAYS, "step a", "do set me broken 1", "expect error_rate > 0.3 for 1 s within 3 s", "then restart me")
    first, second = (operated(*lines, "step b", "do shed 0.3").save(tmp_path / name) for name in "ab")
    assert first.read_bytes() == second.read_bytes()


def test_a_text_that_is_no_runbook_makes_no_run() -> None:
    """The caller is told before a process starts."""
    with pytest.raises(RunbookError, match="'reboot' begins no line"):
        operated("reboot")
    scenario = Scenario("bare", (Phase(20, 1),), runbook="```operator\n```")
    with pytest.raises(RunbookError, match="tiny has no operator"):
        run_simulated(tiny_lab("plain"), NO_FIX, scenario, seed=0)
