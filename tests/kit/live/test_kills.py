"""The fault `Kill` in the live world: a real SIGKILL, and a new process on the same files."""

from __future__ import annotations

from dataclasses import replace
from types import MappingProxyType

import pytest

from labs.kit.measure import stats
from labs.kit.model.faults import Kill
from labs.kit.model.lab import Kept, Lab, Scenario, Service
from labs.kit.model.load import Phase
from labs.kit.model.record import Run
from labs.kit.worlds.live.world import run_live
from tests.kit.live.processes import Watched
from tests.kit.live.tiny import NO_FIX, REACHED_ITS_END, live_lab

DOWN = Kill(service="me", at_s=1.25, seconds=1.0)
LONG_S = 7
"""A busy machine starts a process slowly."""


def lab() -> Lab:
    """One service, which counts its lives in a file and its requests in memory."""
    me = Service("me", "tests.kit.simulated.kept:counting", 8080, kept=Kept("table.sqlite", "select n from kept"))
    return replace(live_lab("plain"), services=(me,))


def killed(*faults: Kill, seconds: float) -> Run:
    """A run of it with these kills, 20 requests a second, evenly spaced."""
    scenario = Scenario("kills", (Phase(20, seconds, "constant"),), faults, MappingProxyType({}), settle_s=0.2)
    return run_live(lab(), NO_FIX, scenario, seed=3)


@pytest.fixture(scope="module")
def run() -> Run:
    """One kill."""
    return killed(DOWN, seconds=LONG_S)


def served(run: Run) -> list[list[str]]:
    """What each request that was answered told, in order: its number in this life, the lives, rows that were committed."""
    return [[e.subject, *e.detail.split()] for e in run.events("served")]


def test_what_is_in_memory_is_gone_and_what_is_in_files_is_not(run: Run) -> None:
    """The second life counts from 1 again, and finds the file and the committed row of the first; the open one is gone."""
    assert run.status in REACHED_ITS_END
    told = served(run)
    second = [row for row in told if row[1] == "2"]
    assert told[0] == ["1", "1", "0"]
    assert second[0] == ["1", "2", "1"]
    assert [row[1] for row in told] == ["1"] * (len(told) - len(second)) + ["2"] * len(second)


def test_the_judge_reads_what_was_kept(run: Run) -> None:
    """After the end: a committed row of each life, and of the open transactions nothing."""
    assert stats.kept(run, "me") == ([[1], [1]], "")


def test_nobody_answers_while_it_is_down(run: Run) -> None:
    """Whoever asks after the kill is answered by the next process or by none, however late the machine does both."""
    (kill,), (restart,) = run.events("kill"), run.events("restart")
    assert kill.time >= DOWN.at_s
    assert restart.time >= DOWN.at_s + DOWN.seconds
    down = [r for r in run.requests() if kill.time < r.sent < restart.time]
    assert down
    assert not [r for r in down if r.ok and r.done is not None and r.done < restart.time]
    assert [r for r in run.requests() if r.sent > restart.time and r.ok]


def test_the_new_process_knows_the_run_s_clock(run: Run) -> None:
    """Its first event has a time of the run, after the kill. The first life began before the start: that is not kept."""
    (born,) = run.events("born")
    assert born.time > DOWN.at_s
    assert float(born.subject) > DOWN.at_s


def test_the_record_has_both_moments(run: Run) -> None:
    """Kill and restart are events of the record, as in the simulated world."""
    assert [(e.time, e.kind, e.subject) for e in run.events() if e.kind.startswith("fault")] == [
        (1.25, "fault on", "me"),
        (2.25, "fault off", "me"),
    ]


def test_one_that_stays_down_ends_with_the_run(watched: Watched) -> None:
    """A kill that outlives the run starts nothing, and leaves no process."""
    run = killed(Kill(service="me", at_s=0.5), seconds=1.5)
    assert run.status in REACHED_ITS_END
    assert not run.events("born")
    assert {row[1] for row in served(run)} == {"1"}


def test_a_run_may_end_while_the_new_process_starts(watched: Watched) -> None:
    """What was started a moment before the end is gone with the run."""
    run = killed(Kill(service="me", at_s=0.8, seconds=0.1), seconds=1.0)
    assert run.status in REACHED_ITS_END


def test_one_that_is_down_already_is_not_killed_again() -> None:
    """Two kills that overlap: the second finds nobody, and the service comes back once."""
    run = killed(DOWN, Kill(service="me", at_s=1.5, seconds=0.5), seconds=LONG_S)
    assert run.status in REACHED_ITS_END
    assert len(run.events("restart")) == 1
    assert {row[1] for row in served(run)} == {"1", "2"}


def test_an_unknown_service_is_named() -> None:
    """A kill of a service that the lab has not is one error that lists those it has."""
    with pytest.raises(ValueError, match="acts on no service of this lab; its services are: me"):
        killed(Kill(service="you", at_s=1.0), seconds=1.0)
