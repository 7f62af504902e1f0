"""Progress bars: seen by people, absent where notebooks are executed, gone when the wait is over."""

from __future__ import annotations

import io
import sys
import threading
from typing import Any

import pytest

from labs.kit.notebook import notes, progress_bar


class Terminal(io.StringIO):
    """A stream that says it is a terminal."""

    def isatty(self) -> bool:
        """It is."""
        return True


class Recorded:
    """A bar that keeps what it was asked to show."""

    def __init__(self) -> None:
        self.shown: list[float] = []
        self.closed = 0

    def update(self, done: float, total: float, told: str = "") -> None:
        """Keep it."""
        self.shown.append(done / total)

    def close(self) -> None:
        """Count it."""
        self.closed += 1


@pytest.fixture
def nobody(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """A kernel that no frontend is known to watch, and no terminal."""
    for name in ("NBGRADER_EXECUTION", "JPY_SESSION_NAME", "BREAKFIX_PLAIN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(notes, "shows_html", lambda: True)
    monkeypatch.setattr(notes, "shell", lambda: type("Shell", (), {"user_ns": {}, "kernel": None})())
    return monkeypatch


def test_an_executed_notebook_has_no_bar(nobody: pytest.MonkeyPatch) -> None:
    """In a kernel that nbclient or nbval runs nothing is shown, not even on a terminal that stands behind it."""
    out = Terminal()
    nobody.setattr(sys, "stderr", out)
    assert not progress_bar.visible()
    with progress_bar.bar("Working") as bar:
        bar.update(1, 2)
    assert out.getvalue() == ""


@pytest.mark.parametrize(
    ("environment", "seen"),
    [
        ({"JPY_SESSION_NAME": "work/lab06.ipynb"}, True),
        ({"JPY_SESSION_NAME": "work/lab06.ipynb", "BREAKFIX_PLAIN": "1"}, False),
        ({"JPY_SESSION_NAME": "work/lab06.ipynb", "NBGRADER_EXECUTION": "validate"}, False),
        ({}, False),
    ],
)
def test_jupyter_servers_kernels_have_one(nobody: pytest.MonkeyPatch, environment: dict[str, str], seen: bool) -> None:
    """A kernel of a Jupyter session has a bar, unless it is turned off or nbgrader executes the notebook there."""
    for name, value in environment.items():
        nobody.setenv(name, value)
    assert progress_bar.visible() is seen


def test_vs_code_has_one(nobody: pytest.MonkeyPatch) -> None:
    """VS Code leaves the notebook's name in the kernel: it can show a bar."""
    nobody.setattr(notes, "shell", lambda: type("Shell", (), {"user_ns": {"__vsc_ipynb_file__": "x"}, "kernel": None})())
    assert progress_bar.visible()


def test_a_terminal_has_a_line_that_is_wiped_out(nobody: pytest.MonkeyPatch) -> None:
    """On a terminal the line says what is waited for and how far it is, and blanks cover it in the end."""
    nobody.setattr(notes, "shows_html", lambda: False)
    out = Terminal()
    nobody.setattr(sys, "stderr", out)
    with progress_bar.bar("Working: about 5 s.") as bar:
        bar.update(2, 2)
    drawn = out.getvalue().split("\r")
    assert drawn[1] == "[                    ]   0%  Working: about 5 s."
    assert drawn[2] == "[####################] 100%  Working: about 5 s."
    assert drawn[3] == " " * len(drawn[2])
    assert drawn[4] == ""


def test_a_pipe_has_nothing(nobody: pytest.MonkeyPatch) -> None:
    """Where stderr is no terminal, nothing is written to it."""
    out = io.StringIO()
    nobody.setattr(sys, "stderr", out)
    nobody.setattr(notes, "shows_html", lambda: False)
    with progress_bar.bar("Working") as bar:
        bar.update(1, 2)
    assert out.getvalue() == ""


def test_the_bar_of_a_page_is_html_and_its_output_blanked(nobody: pytest.MonkeyPatch) -> None:
    """It follows the wait by the id of its output, and needs no widget; in the end its place holds nothing of it."""
    shown: list[Any] = []

    class Handle:
        def update(self, data: dict[str, str], raw: bool) -> None:
            shown.append(data)

    def display(data: dict[str, str], raw: bool, display_id: bool) -> Handle:
        shown.append(data)
        return Handle()

    nobody.setattr("IPython.display.display", display)
    bar = progress_bar.Page("Judging <b>")
    bar.update(1, 4, " 7 s so far.")
    bar.close()
    assert "Judging &lt;b&gt; 7 s so far." in shown[1]["text/html"]
    assert "width:25.0%" in shown[1]["text/html"]
    assert shown[2] == {"text/plain": ""}
    assert {data["text/plain"] for data in shown[:2]} == {"Judging <b>"}


@pytest.mark.parametrize(
    ("seconds", "share", "told"),
    [(1, 0.9, ""), (12, 0.0, " 12 s so far."), (12, 0.05, " 12 s so far."), (12, 0.25, " 12 s so far, about 36 s more."),
     (12, 1.0, " 12 s so far.")],
)  # fmt: skip
def test_an_estimate_is_corrected_while_it_runs(seconds: float, share: float, told: str) -> None:
    """What is done and how long that took tell the rest, once a tenth is done."""
    assert progress_bar.so_far(seconds, share) == told


def test_a_bar_moves_though_nothing_is_done(nobody: pytest.MonkeyPatch) -> None:
    """A wait that never reports how far it is is redrawn all the same."""
    moved = threading.Event()

    class Moving(Recorded):
        def update(self, done: float, total: float, told: str = "") -> None:
            moved.set()

    nobody.setattr(progress_bar, "make", lambda label: Moving())
    nobody.setattr(progress_bar, "TICK_S", 0.001)
    with progress_bar.bar("Working"):
        assert moved.wait(60)


def test_a_bar_goes_however_the_wait_ends(nobody: pytest.MonkeyPatch) -> None:
    """An exception or an interrupt takes the bar away too, and passes on."""
    made = Recorded()
    nobody.setattr(progress_bar, "make", lambda label: made)
    with pytest.raises(KeyboardInterrupt), progress_bar.bar("Working"):
        raise KeyboardInterrupt
    assert made.closed == 1


def test_a_bar_is_not_drawn_for_every_event(nobody: pytest.MonkeyPatch) -> None:
    """Of many updates within one redraw interval the first and the last are drawn: a bar must not slow the run."""
    made = Recorded()
    bar = progress_bar.Throttled(made)
    nobody.setattr(progress_bar.time, "monotonic", lambda: 100.0)
    for n in range(1, 101):
        bar.update(n, 100)
    assert made.shown == [0.01, 1.0]


@pytest.mark.parametrize(("done", "total", "share"), [(0, 0, 0), (5, 0, 0), (-1, 10, 0), (5, 10, 0.5), (11, 10, 1)])
def test_a_share_stays_a_share(done: float, total: float, share: float) -> None:
    """Whatever a run reports, the bar stays between nothing and all."""
    assert progress_bar.share_of(done, total) == share


def test_waits_are_told_as_people_tell_them() -> None:
    """A measured wait is told as about so much, an estimated one as at most so much, in coarse steps."""
    assert [progress_bar.wait_in_words(s) for s in (0.02, 2.4, 89, 90, 200)] == [
        "about 1 s", "about 2 s", "about 89 s", "about 2 min", "about 3 min",
    ]  # fmt: skip
    assert [progress_bar.at_most_in_words(s) for s in (0.1, 5, 5.4, 21, 60, 61, 300)] == [
        "about 5 s or less", "about 5 s or less", "about 10 s or less", "about 30 s or less", "about 60 s or less",
        "about 2 min or less", "about 5 min or less",
    ]  # fmt: skip
