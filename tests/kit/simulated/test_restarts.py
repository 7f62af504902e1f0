"""The fault `Kill` in the simulated world: a process ends between two instructions, and begins again on its files."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import MappingProxyType

import pytest

from labs.kit.measure import stats
from labs.kit.model.faults import Kill
from labs.kit.model.lab import Kept, Lab, Scenario, Service
from labs.kit.model.load import Phase
from labs.kit.model.names import MEMORY
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.simulated.world import run_simulated
from tests.kit.simulated.tiny import NO_FIX, hosts_alive, tiny_lab

DOWN = Kill(service="me", at_s=1.26, seconds=0.5)


def lab() -> Lab:
    """One service that keeps files, and whose memory is read."""
    me = Service("me", "tests.kit.simulated.kept:counting", keeps_files=True, memory_limit_mb=500.0)
    return replace(tiny_lab("plain"), services=(me,))


def killed(*faults: Kill, seconds: float = 4.0) -> Run:
    """A run of it with these kills, 20 requests a second, evenly spaced."""
    scenario = Scenario("kills", (Phase(20, seconds - 1, "constant"),), faults, MappingProxyType({}), settle_s=1.0)
    return run_simulated(lab(), NO_FIX, scenario, seed=3)


@pytest.fixture(scope="module")
def run() -> Run:
    """One kill."""
    return killed(DOWN)


def test_what_is_in_memory_is_gone_and_what_is_in_files_is_not(run: Run) -> None:
    """The second life counts its requests from 1 again, and finds the file of the first."""
    assert run.status is Status.PASS
    told = [(e.subject, e.detail.split()[0]) for e in run.events("served") if e.time > DOWN.at_s + DOWN.seconds]
    assert told[0] == ("1", "2")
    assert [e.detail.split()[0] for e in run.events("served") if e.time < DOWN.at_s] == ["1"] * 25


def test_an_open_transaction_dies_with_its_process(run: Run) -> None:
    """What the first life committed is there, and what it had not committed is rolled back, its lock gone."""
    assert {e.detail.split()[1] for e in run.events("served") if e.time > DOWN.at_s} == {"1"}


def test_nobody_answers_while_it_is_down(run: Run) -> None:
    """Callers are refused from the kill on, and answered again once it is back."""
    back = DOWN.at_s + DOWN.seconds
    while_down = [r for r in run.requests() if DOWN.at_s <= r.sent < back - 0.002]
    assert {r.error_type for r in while_down} == {"refused"}
    assert len(while_down) == 10
    assert all(r.ok for r in run.requests() if r.sent < DOWN.at_s or r.sent > back)


def test_its_clock_is_that_of_the_run_and_its_chance_is_new(run: Run) -> None:
    """The second life begins at its second of the run, and does not draw the ids that the first one drew."""
    first, second = run.events("born")
    assert (first.subject, second.subject) == ("-1.000", "1.760")
    assert not set(first.detail.split()) & set(second.detail.split())


def test_the_record_has_both_moments(run: Run) -> None:
    """Kill and restart are events of the record."""
    assert [(e.time, e.kind, e.subject) for e in run.events() if e.kind.startswith("fault")] == [
        (1.26, "fault on", "me"),
        (1.76, "fault off", "me"),
    ]


def test_a_killed_run_repeats_itself(tmp_path: Path) -> None:
    """Two kills, twice the same run: the same bytes."""
    faults = (DOWN, Kill(service="me", at_s=2.011, seconds=0.3))
    one, other = (killed(*faults).save(tmp_path / f"{n}.sqlite").read_bytes() for n in (1, 2))
    assert one == other


def test_memory_is_read_of_the_living(run: Run) -> None:
    """There is no reading while the process is down, and there are readings before and after."""
    read = {sample.time for sample in run.samples(MEMORY, "me")}
    assert {1.25, 2.0} <= read
    assert not read & {1.26, 1.5, 1.75, 1.76}


def test_one_that_stays_down_ends_with_the_run() -> None:
    """A kill that outlives the run starts nothing, and leaves no process."""
    run = killed(Kill(service="me", at_s=1.0))
    assert run.status is Status.PASS
    assert len(run.events("born")) == 1
    assert hosts_alive() == []


def test_an_unknown_service_is_named() -> None:
    """A kill of a service that the lab has not is one error that lists those it has."""
    with pytest.raises(ValueError, match="acts on no service of this lab; its services are: me"):
        killed(Kill(service="you", at_s=1.0))


def test_the_judge_reads_what_is_in_the_file_at_the_end() -> None:
    """What was committed in any life is there; what the last life had not committed when it ended is not."""
    kept = replace(lab().services[0], kept=Kept("table.sqlite", "select n from kept"))
    scenario = Scenario("kept", (Phase(20, 3.0, "constant"),), (DOWN,), MappingProxyType({}), settle_s=1.0)
    run = run_simulated(replace(lab(), services=(kept,)), NO_FIX, scenario, seed=3)
    assert stats.kept(run, "me") == ([[1], [1]], "")
    assert stats.kept(run, "nobody") == ([], "nothing was read")


def test_its_monotonic_clock_begins_with_less() -> None:
    """A service that is started again is on a new machine: what its monotonic clock showed before lies in its future."""
    run = killed(DOWN, Kill(service="me", at_s=2.01, seconds=0.3))
    up = [float(e.detail.split()[2]) for e in run.events("born")]
    assert up[0] > up[1] > up[2] > 0
