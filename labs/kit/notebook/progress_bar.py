"""A progress bar for all that makes the learner wait; at the end of the wait it is removed completely.

In JupyterLab it is an ipywidgets bar, on a terminal a line of text. Elsewhere there is no bar: when nbclient or nbval
executes a notebook, a bar would only make two builds of the same notebook differ.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from labs.kit.notebook import notes

REDRAW_S = 0.1
"""Seconds between two redraws: a redraw for every event would slow the run that the bar shows."""


class Bar(Protocol):
    """The interface of a progress bar."""

    def update(self, done: float, total: float) -> None:
        """Show that `done` of `total` is done, in any unit."""

    def close(self) -> None:
        """Remove the bar from the page."""


class Silent:
    """No bar, if no person is watching."""

    def update(self, done: float, total: float) -> None:
        """Show nothing."""

    def close(self) -> None:
        """Remove nothing."""


class Text:
    """One line on a terminal, overwritten at each redraw and erased at the end."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.width = 0
        self.update(0, 1)

    def update(self, done: float, total: float) -> None:
        """Redraw the line."""
        share = share_of(done, total)
        line = f"[{'#' * round(20 * share):<20}] {share:4.0%}  {self.label}"
        sys.stderr.write("\r" + line.ljust(self.width))
        sys.stderr.flush()
        self.width = len(line)

    def close(self) -> None:
        """Erase the line."""
        sys.stderr.write("\r" + " " * self.width + "\r")
        sys.stderr.flush()


class Widget:
    """An ipywidgets bar with its label above it."""

    def __init__(self, label: str) -> None:
        import ipywidgets
        from IPython.display import display

        self.bar = ipywidgets.FloatProgress(0.0, min=0.0, max=1.0, layout={"width": "100%", "max_width": "40em"})
        self.bar.style.bar_color = notes.BLUE
        self.label = ipywidgets.HTML(notes.safe(label))
        self.box = ipywidgets.VBox([self.label, self.bar])
        self.handle: Any = display(self.box, display_id=True)

    def update(self, done: float, total: float) -> None:
        """Move the bar."""
        self.bar.value = share_of(done, total)

    def close(self) -> None:
        """Close the widgets and clear their output: otherwise a saved notebook would show "model not found"."""
        if self.handle is not None:
            self.handle.update({"text/plain": ""}, raw=True)
        for widget in (self.bar, self.label, self.box):
            widget.close()


def share_of(done: float, total: float) -> float:
    """`done` of `total` as a share between 0 and 1."""
    return min(1.0, max(0.0, done / total)) if total > 0 else 0.0


def has_frontend() -> bool:
    """Is a person watching this kernel in JupyterLab, Notebook or VS Code?

    Jupyter's server names the notebook in JPY_SESSION_NAME, and VS Code sets a name of its own; programs that execute
    notebooks do neither. BREAKFIX_PLAIN=1 turns bars off.
    """
    if os.environ.get("BREAKFIX_PLAIN") or os.environ.get("NBGRADER_EXECUTION") or not notes.shows_html():
        return False
    return "JPY_SESSION_NAME" in os.environ or "__vsc_ipynb_file__" in notes.shell().user_ns


def has_terminal() -> bool:
    """Is a person watching this on a terminal?"""
    return not notes.shows_html() and sys.stderr is not None and sys.stderr.isatty()


def visible() -> bool:
    """Would a person see a bar?"""
    return has_frontend() or has_terminal()


def make(label: str) -> Bar:
    """The kind of bar for the present environment."""
    if has_frontend():
        return Widget(label)
    return Text(label) if has_terminal() else Silent()


class Throttled:
    """A bar that is redrawn at most every REDRAW_S, and at its end."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        self.drawn = 0.0

    def update(self, done: float, total: float) -> None:
        """Redraw the bar if REDRAW_S have passed."""
        now = time.monotonic()
        if done >= total or now - self.drawn >= REDRAW_S:
            self.drawn = now
            self.bar.update(done, total)


@contextmanager
def bar(label: str) -> Iterator[Throttled]:
    """A bar while the block runs; it is removed however the block ends."""
    shown = make(label)
    try:
        yield Throttled(shown)
    finally:
        shown.close()


def wait_in_words(seconds: float) -> str:
    """A measured wait in words: "about 3 s", "about 2 min"."""
    if seconds < 1.5:
        return "about 1 s"
    if seconds < 90:
        return f"about {seconds:.0f} s"
    return f"about {seconds / 60:.0f} min"


def at_most_in_words(seconds: float) -> str:
    """An estimated wait in words, rounded up to a step, so that the words are the same on every machine."""
    for step in (5, 10, 20, 30, 60):
        if seconds <= step:
            return f"about {step} s or less"
    return f"about {-(-seconds // 60):.0f} min or less"
