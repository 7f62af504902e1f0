"""A live run that is steered: the load, a fault and the code change while it goes on, and the record says when."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import Any

import pytest

from labs.kit.measure.stats import fault_windows
from labs.kit.model.faults import DatabaseRestart, ErrorStatus, Kill, Latency, Reset, Stall, as_plain
from labs.kit.model.lab import Fix, Scenario
from labs.kit.model.load import Phase, arrivals
from labs.kit.model.names import NS
from labs.kit.model.record import Run
from labs.kit.worlds.live.steering import MOST_LOAD, Steering, draw, lengthened, untimed
from labs.kit.worlds.live.world import Gathering, plan, run_live
from tests.kit.live.drive import driven, how_it_ends, links, receive
from tests.kit.live.processes import GIVE_UP_S, Watched, wait_until
from tests.kit.live.repairs import HEALTHY
from tests.kit.live.test_load import GET, OK, serving
from tests.kit.live.tiny import NO_FIX, REACHED_ITS_END, live_lab, scenario

ONE, TWO = Fix("one", HEALTHY), Fix("two", "import asyncio\n\nasync def answer(request):\n    await asyncio.sleep(0.2)\n")
REFUSES = ErrorStatus(service="me", rate=1.0, status=503)
Step = tuple[Callable[[float, list[str]], bool], Callable[[Steering], None]]


def steer(steps: list[Step]) -> Run:
    """A run of the tiny lab that takes each step once its condition, of (second of the run, kinds of events), holds."""
    kinds: list[str] = []
    lab = live_lab("fixed", runs_fix=True)
    steering = Steering(lab, scenario(1.0, rate=40), 60.0, seed=1)

    def hear(message: dict[str, Any]) -> None:
        if message.get("signal", {}).get("table") == "events":
            kinds.append(message["signal"]["kind"])
        while "at" in message and steps and steps[0][0](message["at"], kinds):
            steps.pop(0)[1](steering)

    steering.hear = hear
    run = run_live(lab, ONE, steering.scenario, 1, steering=steering)
    assert run.status in REACHED_ITS_END, run.info.detail
    return run


def test_load_fault_and_code_change_while_requests_go_on(watched: Watched) -> None:
    """More load, a fault, two deploys, one of them hopeless: each is an event, and the requests show its effect."""
    watched.look()
    run = steer(
        [
            (lambda at, kinds: at > 1.0, lambda s: s.load(2)),
            (lambda at, kinds: at > 3.0, lambda s: s.switch(REFUSES, True)),
            (lambda at, kinds: at > 3.5, lambda s: s.switch(REFUSES, True)),  # it acts already: no event
            (lambda at, kinds: at > 4.0, lambda s: s.switch(REFUSES, False)),
            (lambda at, kinds: "fault off" in kinds, lambda s: s.deploy(Fix("hopeless", "raise ValueError('no luck')"))),
            (lambda at, kinds: "deploy failed" in kinds, lambda s: s.deploy(TWO)),
            (lambda at, kinds: "deploy" in kinds, lambda s: s.load(1)),
            (lambda at, kinds: kinds.count("load") == 2, lambda s: s.load(0)),
            (lambda at, kinds: kinds.count("load") == 3, lambda s: s.finish()),
        ]
    )
    events = {(e.kind, e.subject, e.detail.partition(" (")[0]): e.time for e in run.events()}
    assert list(events) == [
        ("load", "load->me", "x2"),
        ("fault on", "me", "ErrorStatus"),
        ("fault off", "me", "ErrorStatus"),
        ("deploy failed", "me", "me ended with ValueError: no luck"),
        ("deploy", "me", "two"),
        ("load", "load->me", "x1"),
        ("load", "load->me", "x0"),
    ]
    (more, _, _, _, deployed, _, _), (window,) = events.values(), fault_windows(run)
    usual = [r for r in run.requests() if r.intended < more]
    doubled = [r for r in run.requests() if more + 0.3 <= r.intended < window.start]
    assert len(usual) / more < 50  # 40 a second, evenly spaced
    assert len(doubled) / (window.start - more - 0.3) > 55  # 80 a second
    refused = [r for r in run.requests() if r.status == 503]
    assert len(refused) > 10
    assert all(r.done is not None and r.done > window.start for r in refused)
    assert [r.status for r in run.requests() if r.sent < deployed][-5:] == [200] * 5  # the hopeless one served none
    slow = [r for r in run.requests() if r.sent > deployed and r.status == 200]
    assert all((r.latency or 0) > 0.2 for r in slow[-5:])
    assert run.info.seconds < 60
    assert all(r.intended >= 0 for r in run.requests())


def test_a_stop_before_the_start_ends_at_once(watched: Watched) -> None:
    """Whoever stops a run while its processes start has a record without requests, and nothing is left."""
    lab = live_lab("fixed", runs_fix=True)
    steering = Steering(lab, scenario(1.0), 60.0)
    steering.finish()
    run = run_live(lab, ONE, steering.scenario, 0, steering=steering)
    assert run.info.detail == "The run was interrupted at its start."
    assert run.requests() == []
    steering.load(2)  # the run is over: nobody hears it, and nothing happens


def test_a_steered_run_ends_with_the_kernel(watched: Watched, tmp_path: Path) -> None:
    """A killed caller takes a run with it that goes on in one of its threads."""
    caller = subprocess.Popen(
        [sys.executable, "-m", "tests.kit.live.steered_caller"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    )
    try:
        assert caller.stdout is not None
        assert caller.stdout.readline() == "running\n"
        wait_until(lambda: len(watched.look(caller.pid)) >= 4, lambda: "four processes")
        caller.send_signal(signal.SIGKILL)
        assert caller.wait(GIVE_UP_S) == -signal.SIGKILL
    finally:
        caller.kill()
        caller.communicate()


def test_at_x1_the_requests_are_those_of_an_ordinary_run() -> None:
    """What a steered run sends at x1 is what nobody's hand would change: same times, same requests."""
    lab, whole = live_lab("plain"), Scenario("s", (Phase(30, 5),))
    usual = [(due, request) for mark, due, request in draw(lab, whole, 3) if mark < 1]
    rng = Random("requests 3")
    assert usual == [(due, lab.request(i, rng)) for i, due in enumerate(arrivals(whole.load, 3))]
    ordinary = plan(lab, NO_FIX, whole, 3)
    steered = Steering(lab, whole, 5, seed=3).plan(ordinary, lambda request, entry: request.request_id)
    sent = [call[0] for call, mark in zip(steered["calls"], steered["marks"], strict=True) if mark < 1]
    assert sent == [call[0] for call in ordinary["calls"]]


@pytest.mark.parametrize("factor", [0.5, 1.5, 2.0])
def test_the_load_is_as_much_as_was_asked_for(factor: float) -> None:
    """The share of the marks below a factor is that factor, within what chance allows for 3,000 arrivals."""
    drawn = draw(live_lab("plain"), Scenario("s", (Phase(100, 30),)), 0)
    assert [due for _, due, _ in drawn] == sorted(due for _, due, _ in drawn)
    assert sum(mark < factor for mark, _, _ in drawn) == pytest.approx(3000 * factor, rel=0.06)


def test_a_load_changes_between_two_requests() -> None:
    """The load process thins what is due from the moment it is told, and tells the watcher what it has begun."""

    async def answer(reader: Any, writer: Any) -> None:
        while await reader.readuntil(b"\r\n\r\n"):
            writer.write(OK)

    calls = [(round(at * 0.02 * NS), GET, 5.0) for at in range(100)]
    spec = {"calls": calls, "marks": [0.5] * 100, "watched": True}
    with serving(answer) as port, driven("load", {**spec, "port": port}) as load:
        load.order(load=0.4)
        load.order(start=time.monotonic_ns() + NS // 2)
        while "idle_lag_ms" not in load.hear():
            pass
        load.order(load=0.6)
        heard = load.hear()  # of what has begun since: nothing was sent at x0.4
        said = load.stop()
    begun = [row for message in (heard, *said) for row in message.get("begun", [])]
    assert begun
    assert {row[0] for row in begun} <= {call[0] for call in calls}


def test_a_stall_that_is_switched_off_lets_go_of_what_it_held() -> None:
    """Bytes and connections that a stall of unknown length holds arrive when somebody ends it, and none before."""
    stall, reset = (as_plain(untimed(fault)) for fault in (Stall(link="a"), Reset(link="b")))
    with links(healthy=["a", "b"]) as found:
        caller, called = found.pair("a")
        other, _ = found.pair("b")
        found.begin()
        found.proxy.order(faults={"a": [stall], "b": [reset]})
        assert how_it_ends(other) == "reset"  # so the proxy has heard of both
        caller.sendall(b"held")
        late = found.call("a")
        called.settimeout(0.2)
        with pytest.raises(TimeoutError):
            called.recv(1)
        called.settimeout(GIVE_UP_S)
        found.proxy.order(faults={"a": []})
        assert receive(called, 4) == b"held"
        late.sendall(b"late")
        assert receive(found.accept("a"), 4) == b"late"
        caller.sendall(b"flows")
        assert receive(called, 5) == b"flows"


def test_a_drained_link_lets_each_answer_through() -> None:
    """What is idle is closed; what waits for its answer gets it whole, and is closed then; new connections are let in."""
    with links(healthy=["a"]) as found:
        idle, _ = found.pair("a")
        busy, called = found.pair("a")
        found.begin()
        busy.sendall(GET.encode())
        receive(called, len(GET))
        found.proxy.order(drain=["a"])
        assert how_it_ends(idle) == "end"
        called.sendall(OK[:20])
        called.sendall(OK[20:])
        assert receive(busy, len(OK)) == OK
        assert how_it_ends(busy) == "end"
        assert found.arrives("a") is not None


def test_a_scenario_is_made_as_long_as_asked_for() -> None:
    """The last phase goes on, or what is beyond is cut off; faults that can be switched are taken out of the scenario."""
    two = Scenario("two", (Phase(10, 4), Phase(20, 6)), (Stall(link="load->me", at_s=1, seconds=2),))
    assert lengthened(two, 30).load == (Phase(10, 4), Phase(20, 26))
    assert lengthened(two, 3).load == (Phase(10, 3),)
    never = (DatabaseRestart(at_s=1, seconds=1), Kill(service="me", at_s=1, seconds=1))
    steering = Steering(live_lab("plain"), two.with_(faults=(*two.faults, *never)), 30)
    assert steering.faults == (untimed(Stall(link="load->me")),)
    assert [type(f).__name__ for f in steering.scenario.faults] == ["DatabaseRestart", "Kill"]
    spec = steering.plan(plan(live_lab("plain"), NO_FIX, two, 0), lambda request, entry: "")
    assert [(at, order["on"]) for at, order in spec["script"]] == [(1, True), (3, False)]
    assert spec["links"] == [{"name": "load->me", "faults": []}]


@pytest.mark.parametrize("factor", [-0.1, MOST_LOAD + 0.1, "2", True, float("nan")])
def test_a_load_that_cannot_be_had_is_said(factor: Any) -> None:
    """One line: the value, and what is possible."""
    with pytest.raises(ValueError, match="is not possible; give 0 to 2, such as"):
        Steering(live_lab("plain"), scenario(1.0), 10).load(factor)


def test_other_bad_orders_are_said() -> None:
    """A fault on nothing of the lab, a database's restart, a length that is none, a scenario without load."""
    steering = Steering(live_lab("plain"), scenario(1.0), 10)
    for fault in (Latency(link="me->moon", latency_s=1), DatabaseRestart()):
        with pytest.raises(ValueError, match="it can act on: load->me, me"):
            steering.switch(fault, True)
    with pytest.raises(ValueError, match="give a length above 0"):
        lengthened(scenario(1.0), 0)
    with pytest.raises(ValueError, match="has no load"):
        lengthened(Scenario("empty", ()), 10)


def test_an_ordinary_run_knows_nothing_of_it() -> None:
    """The plan of a run that nobody steers has no marks, no script, and no proxy before a healthy entry."""
    spec = plan(live_lab("plain"), NO_FIX, scenario(1.0), 0)
    assert not {"marks", "script", "watched"} & set(spec)
    assert spec["links"] == []
    assert not Gathering(live_lab("plain"), []).steered
