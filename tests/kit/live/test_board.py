"""The dashboard's widgets on a live run of the tiny lab: what a click does, and how a run ends."""

from __future__ import annotations

from typing import Any

import pytest

from labs.kit.measure.timeseries import TimeSeries
from labs.kit.model.faults import ErrorStatus, Stall
from labs.kit.model.lab import Fix
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.notebook.dashboard import board as boards
from labs.kit.notebook.dashboard.board import Board
from labs.kit.notebook.errors import LearnerError
from labs.kit.worlds.live.steering import Steering
from tests.kit.live.processes import Watched, wait_until
from tests.kit.live.repairs import HEALTHY
from tests.kit.live.tiny import REACHED_ITS_END, live_lab, scenario

LAB = live_lab("fixed", runs_fix=True)
FAULTS = (Stall(link="load->me", at_s=0.5, seconds=0.5), ErrorStatus(service="me", rate=0.5, at_s=100))


def make(kept: list[Run]) -> Board:
    """A dashboard of the tiny lab, which can deploy two codes, one of which cannot run."""
    return Board(
        LAB,
        {"broken": lambda: Fix("broken", HEALTHY), "fix": lambda: None},
        "broken",
        lambda: Steering(LAB, scenario(1.0, rate=20, faults=FAULTS), 60.0),
        lambda steering: TimeSeries("me", 1.0, [due for _, due, _ in steering.drawn]),
        lambda run, fix, steering: kept.append(run),
        link="load->me",
    )


def test_clicks_reach_the_run(watched: Watched) -> None:
    """A fault that the scenario throws itself, one thrown by hand, more load: the record has each, the page too."""
    kept: list[Run] = []
    board = make(kept)
    names = [switch.description for switch in board.switches]
    assert names == ["error status 50% (me)", "stall (load->me)", "black hole (load->me)", "latency +0.5 s (load->me)"]
    assert board.stop_button.disabled
    board.stop()  # there is nothing to stop
    board.start_button.click()
    board.start_button.click()  # it goes on already: no second one
    errors, stall = board.switches[:2]
    wait_until(lambda: stall.value, lambda: "the stall of the scenario")
    watched.look()
    with pytest.raises(LearnerError, match="is being steered in a dashboard; press Stop"):
        boards.insist_on_quiet()
    wait_until(lambda: not stall.value, lambda: "the end of the stall")
    before = board.picture.widget.value
    errors.value = True
    board.load.value = 2.0
    wait_until(lambda: "load x2" in board.picture.widget.value, lambda: board.picture.widget.value)
    assert board.picture.widget.value != before
    board.deploys[1].click()
    assert "cannot run yet" in board.status.value
    with pytest.raises(LearnerError, match="no code 'mine' to deploy; this dashboard has: broken, fix"):
        board.deploy("mine")
    board.stop_button.click()
    board.wait()
    assert not board.running
    assert board.stop_button.disabled
    assert board.run is kept[0]
    assert board.run.status in REACHED_ITS_END
    what = [(e.kind, e.detail) for e in board.run.events()]
    assert what == [("fault on", "Stall"), ("fault off", "Stall"), ("fault on", "ErrorStatus"), ("load", "x2")]
    assert "not graded" in board.status.value
    assert "replay" not in repr(board)
    assert "holds" in repr(board)
    boards.insist_on_quiet()


def test_another_start_or_a_closed_page_ends_a_run(watched: Watched) -> None:
    """A second dashboard that is started ends the first; one whose widget is closed ends its own run."""
    kept: list[Run] = []
    first, second = make(kept), make(kept)
    first.start()
    wait_until(lambda: first.redraws, lambda: first.status.value)
    watched.look()
    second.start()
    assert (first.running, second.running) == (False, True)
    wait_until(lambda: second.redraws, lambda: second.status.value)
    watched.look()
    second.widget.close()
    second.wait()
    assert not second.running
    assert len(kept) == 2


def test_what_goes_wrong_is_said_on_the_page(watched: Watched, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run that crashes says why, and its record is there; an error of our own is no silence either."""
    board = make([])
    board.codes["broken"] = lambda: Fix("broken", "raise ValueError('<no luck>')")
    board.start()
    board.wait()
    assert board.run is not None
    assert board.run.status is Status.CRASHED
    assert "Crashed: me ended with ValueError: &lt;no luck&gt; (fix.py:1)." in board.status.value

    def refuse(*args: Any, **more: Any) -> None:
        raise OSError("no more processes")

    monkeypatch.setattr("labs.kit.worlds.live.world.run_live", refuse)
    board.start()
    board.wait()
    assert "OSError: no more processes" in board.status.value
    assert not board.running


def test_deploying_a_repair_that_is_none_says_so() -> None:
    """Until the repair cell was run, its button deploys the broken code: the page does not do that in silence."""
    board = make([])
    board.codes["fix"] = lambda: Fix("broken", HEALTHY)
    board.deploy("fix")
    assert "was not run yet: that is the broken code" in board.status.value
    board.deploy("broken")
    assert "not run yet" not in board.status.value
