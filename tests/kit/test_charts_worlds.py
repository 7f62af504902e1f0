"""The chart of both worlds: the same orders twice, and whether the live run may be believed."""

from __future__ import annotations

from labs.kit import charts
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from tests.kit.handmade import INNER, make_storm

SIMULATED = make_storm()


def live(**changes: str) -> Run:
    """The same storm, as a run of the live world."""
    run = make_storm()
    run.info = type(run.info)(**{**vars(run.info), "world": "live", **changes})
    return run


def test_each_panel_holds_both_worlds() -> None:
    """Two panels, a line of each world in both, and the capacity where attempts are counted."""
    drawn = charts.worlds(SIMULATED, live(), link=INNER, capacity=50, noun="order", timeout=0.4)
    share, attempts = drawn.figure.axes
    assert [len(axes.lines) for axes in (share, attempts)] == [2, 3]
    assert share.lines[0].get_ydata().tolist() == share.lines[1].get_ydata().tolist()
    assert attempts.lines[2].get_ydata() == [50, 50]


def test_the_summary_says_what_both_show() -> None:
    """A reader who does not see the picture learns the share at the end and the attempts, world by world."""
    told = charts.worlds(SIMULATED, live(), link=INNER, noun="order").summary
    assert told.startswith("The same orders in both worlds: simulated, 0% answered in the last 8 s and ")
    assert told.count("attempts per order over the whole run") == 2


def test_a_run_that_is_no_measurement_says_so() -> None:
    """Under the chart stands whether the live run is valid."""

    def under(run: Run) -> str:
        texts = charts.worlds(SIMULATED, run, link=INNER).figure.axes[1].texts
        return next(text.get_text() for text in texts if "arrivals" in text.get_text())

    assert under(live()).endswith("valid")
    assert under(live(status=str(Status.INVALID))).endswith("invalid: do not believe it")
