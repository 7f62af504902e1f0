"""`lab.dashboard` where nobody sees widgets, bad input to it, the replay, and its page in docs/."""

from __future__ import annotations

import re

import pytest

import labs
from labs.kit.measure.timeseries import BIN_S, TimeSeries
from labs.kit.notebook.dashboard import board, open, panels
from labs.kit.notebook.dashboard.replay import Replay
from labs.kit.notebook.errors import LearnerError
from labs.kit.worlds.live import orders, processes, steering
from labs.kit.worlds.live.world import ROOT
from tests.kit.handmade import INNER, make_storm
from tests.kit.learner_lab import NAME, Cell

PAGE = (ROOT / "docs" / "dashboard.md").read_text(encoding="utf-8")


def test_a_live_one_is_one_plain_line(cell: Cell) -> None:
    """Where there are no widgets, it says what the dashboard is and what to do instead, and starts nothing."""
    assert cell("lab.dashboard()") == f"{open.LIVE_ONLY}\n"
    assert cell('assert lab.dashboard("broken", scenario="calm", seconds=5) is None') == f"{open.LIVE_ONLY}\n"


def test_without_live_runs_it_says_so(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """BREAKFIX_LIVE=off leaves it out, in one line."""
    monkeypatch.setenv("BREAKFIX_LIVE", "off")
    assert cell("lab.dashboard()") == "No dashboard: BREAKFIX_LIVE=off, so live runs are left out.\n"


def test_a_finished_run_is_a_chart_and_its_sentence(cell: Cell) -> None:
    """The same page gives the same output each time: the picture, and one sentence."""
    said = cell("lab.dashboard(run := lab.run())")
    assert "the broken code, outage, simulated world, 16 s: 10 requests offered, 1 answered within 1 s" in said
    assert cell("lab.dashboard(run)") in said
    assert "answered within 0.3 s" not in said
    assert "answered within 300 ms" in cell("lab.dashboard(run, objective_s=0.3)")


@pytest.mark.parametrize(
    ("call", "said"),
    [
        ('"mine"', "there is no repair 'mine'. There is 'fix', which is yours, 'broken', and those in the lab's fixes/"),
        ('scenario="flood"', "unknown scenario 'flood'; the valid ones are: outage, calm"),
        ("seed=0.5", "the seed is 0.5; expected a whole number such as 0"),
        ("seconds=0", "a steered run of 0 s is not possible; give up to 1800 seconds, such as 120"),
        ('seconds="long"', "a steered run of 'long' s is not possible; give up to 1800 seconds, such as 120"),
        ("objective_s=-1", "the objective is -1; expected seconds above 0, such as objective_s=0.5"),
    ],
)
def test_bad_input_is_one_line(cell: Cell, call: str, said: str) -> None:
    """The value, what was expected, what to do; no traceback."""
    assert cell(f"lab.dashboard({call})") == f"LearnerError: {said}\n"


def test_a_run_of_another_lab_is_refused(cell: Cell) -> None:
    """Its services and limits would be drawn as those of this lab."""
    said = cell("from tests.kit.handmade import make_run\nlab.dashboard(make_run())")
    assert said == (
        "LearnerError: this run is one of lab06_retries; expected one of lab99_doubling, such as lab.run() gives\n"
    )


def test_no_second_live_run_beside_a_steered_one(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """lab.run in the live world is refused while a dashboard steers a run; a simulated one is not."""
    busy = type("Busy", (), {"lab": labs.load(NAME)})()
    monkeypatch.setattr(board, "_running", [busy])
    assert cell('lab.run(world="live")').startswith(
        "LearnerError: a live run of lab99_doubling is being steered in a dashboard;"
    )
    assert "10 requests" in cell("_ = lab.run()")


def test_a_replay_shows_the_run_as_it_stood(monkeypatch: pytest.MonkeyPatch) -> None:
    """The slider moves through the run, and nothing of later times is in the picture."""
    run = make_storm()
    replay = Replay(run, labs.load("lab06_retries"), TimeSeries.of(run, 1.0, INNER), 50)
    assert "Stall off" in replay.picture.widget.value
    whole = replay.picture.widget.value
    replay.slider.value = 12
    assert "Stall on" in replay.picture.widget.value
    assert "Stall off" not in replay.picture.widget.value
    replay.slider.value = replay.slider.max
    assert replay.picture.widget.value == whole


def test_links_of_generic_faults() -> None:
    """The link that the lab's charts show; else the first that the code under repair calls over; else the load's."""
    shown = {name: open.link_of(labs.load(name), open.look(labs.load(name), None).link) for name in labs.names()}
    assert shown["lab06_retries"] == "shop->payments"
    assert shown["lab02_memory"] == "reports->store"
    for name, link in shown.items():
        lab = labs.load(name)
        assert link in {f"{s.name}->{called}" for s in lab.services for called in s.calls} | {f"load->{lab.entry}"}


def test_no_objective_that_is_none() -> None:
    """A lab's own objective is used; the call's goes before it; True is no number."""
    lab = labs.load("lab01_blocking")
    own = open.look(lab, None).objective_s
    assert own != open.OBJECTIVE_S
    assert open.look(lab, 3).objective_s == 3.0
    with pytest.raises(LearnerError, match="expected seconds above 0"):
        open.look(lab, True)


def test_the_page_has_the_codes_numbers() -> None:
    """docs/dashboard.md names the bounds and periods that the code uses, and files that exist."""
    flat = " ".join(PAGE.split())
    for sentence in (
        f"bins of {BIN_S:g} s",
        f"every {board.REDRAW_S:g} s",
        f"x{steering.MOST_LOAD:g}",
        f"lasts {open.SECONDS:g} s",
        f"at most {open.LONGEST_S / 60:g} minutes",
        f"{open.OBJECTIVE_S:g} s where neither",
        f"{board.ADDED_S:g} s each way",
        f"after {orders.DRAIN_S:g} s the old process",
        f"has {processes.STOPS_WITHIN_S:g} s for that",
        ", ".join(f"x{factor:g}" for factor in board.LOADS),
    ):
        assert sentence in flat, sentence
    named = re.findall(r"\b(?:labs|tests|docs)/[\w/-]+\.(?:py|md)", PAGE)
    assert named
    assert [name for name in named if not (ROOT / name).is_file()] == []
    titles = {p.title for p in panels.view(TimeSeries("shop", 1.0), labs.load("lab06_retries"), 0, 15, 0).panels}
    assert {title for title in titles if title not in PAGE} == set()


def test_the_pages_commands_run(cell: Cell) -> None:
    """Each call on the page is understood, as it stands there."""
    calls = re.findall(r"^(lab\.dashboard\(.*\))$", PAGE, re.MULTILINE)
    assert len(calls) >= 4
    cell('run = lab.run(scenario="calm")')
    for call in calls:
        assert "Error" not in cell(call), call
