"""An operator in the live world: real processes are restarted, changed and spared, and the record says when."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labs.kit.model.lab import Lab, Scenario, Service
from labs.kit.model.load import Phase
from labs.kit.model.names import ACTION, ACTION_FAILED, MET, PAGED, RESTART
from labs.kit.model.record import JUDGE, Request, Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.live.world import Gathering, run_live
from tests.kit.live.tiny import NO_FIX, REACHED_ITS_END, live_lab
from tests.kit.simulated.test_operator import DESK

TEXT = """
```operator
page answered > 1 for 0 s
step change
do set me answer 5
do set me refused 1
expect rate(load->me) > 1 for 0 s within 5 s
step spare
do shed 1 client odd
expect error_rate > 0.2 for 0.5 s within 5 s
then shed 0 client odd
step restart
do restart me
do restart me
expect answered > 1 for 60 s within 60 s
```
"""


def lab() -> Lab:
    """The service of the same tests in the simulated world."""
    return replace(live_lab("plain"), services=(Service("me", "tests.kit.simulated.operated:told"),), desk=DESK)


@pytest.fixture(scope="module")
def run() -> Run:
    """One run with every kind of action."""
    scenario = Scenario("operated", (Phase(20, 12, "constant"),), settle_s=0.5, runbook=TEXT)
    return run_live(lab(), NO_FIX, scenario, seed=3)


def time_of(run: Run, kind: str, detail: str = "") -> float:
    """When the first event of a kind was told."""
    return next(event.time for event in run.events(kind) if event.detail.startswith(detail) and event.by == JUDGE)


def test_the_steps_follow_one_another(run: Run) -> None:
    """The bot sees figures of the load, of the links and of the edge, and goes on by them."""
    assert run.status in REACHED_ITS_END
    assert len(run.events(PAGED)) == 1
    assert [event.subject for event in run.events(MET)] == ["change", "spare"]
    assert [e.detail for e in run.events(ACTION)] == [
        "set me answer 5", "set me refused 1", "shed 1 client odd", "shed 0 client odd", "restart me", "restart me",
    ]  # fmt: skip


def test_a_setting_reaches_the_service(run: Run) -> None:
    """Until the order each answer has the first value; some time after it, until the restart, each has the new one."""
    served = [(e.time, e.subject) for e in run.events("served")]
    changed, restarted = time_of(run, ACTION, "set me answer"), time_of(run, ACTION, "restart")
    assert {value for at, value in served if at < changed - 0.3} == {"1"}
    assert {"5"} <= {value for at, value in served if changed < at < restarted} <= {"1", "5"}


def test_what_fails_is_told(run: Run) -> None:
    """A setting that the service refuses, and a restart of what is down."""
    failed = {event.detail for event in run.events(ACTION_FAILED)}
    assert failed == {"set me refused 1: answered 400", "restart me: it is already down"}


def test_the_edge_spares_the_service(run: Run) -> None:
    """What is shed is answered 503, is of that client alone, and reaches nobody."""
    shed = [r for r in run.requests() if r.status == 503]
    assert shed
    assert {int(r.request_id.rpartition("-")[2]) % 2 for r in shed} == {1}


def test_a_restart_loses_the_memory(run: Run) -> None:
    """A new process answers with the first value, after callers were reset."""
    back = time_of(run, RESTART, "by the operator")
    assert {e.subject for e in run.events("served") if e.time > back} == {"1"}
    assert {"reset"} <= {r.error_type for r in run.requests()}


def test_what_an_operator_sheds_is_no_slow_machine() -> None:
    """A link just below its capacity has no queue: what it answers then says nothing of the machine."""
    paced = replace(live_lab("plain"), paced={"load->me": 0.02, "me->bank": 0.02})
    whole = Scenario("operated", (Phase(20, 12, "constant"),))
    busy = [Request("me->bank", f"r{n}", "GET /", 1, n / 42, n / 42, n / 42 + 0.001, 200, "") for n in range(42 * 10)]

    def status(scenario: Scenario) -> str:
        gathering = Gathering(paced, [])
        gathering.status, gathering.rows["requests"] = Status.PASS, list(busy)
        return gathering.close(NO_FIX, scenario, 0).status

    assert status(whole) is Status.INVALID
    assert status(whole.with_(runbook=TEXT)) is Status.PASS
