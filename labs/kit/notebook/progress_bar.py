"""A progress bar for all that makes the learner wait; at the end of the wait it is removed completely.

In JupyterLab it is drawn in the cell's output, on a terminal it is a line of text. Elsewhere there is no bar: when nbclient
or nbval executes a notebook, a bar would only make two builds of the same notebook differ.
"""

from __future__ import annotations

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from labs.kit.notebook import notes

REDRAW_S = 0.2
"""Seconds between two redraws: a redraw for every event would slow the run that the bar shows."""
TICK_S = 2.0
"""Seconds after which a bar is redrawn at the latest: a cell that works shows that it does."""
TELLING = 0.1
"""The share that must be done before the rest is estimated from it."""


class Bar(Protocol):
    """The interface of a progress bar."""

    def update(self, done: float, total: float, told: str = "") -> None:
        """Show that `done` of `total` is done, in any unit; `told` is added to the label."""

    def close(self) -> None:
        """Remove the bar from the page."""


class Silent:
    """No bar, if no person is watching."""

    def update(self, done: float, total: float, told: str = "") -> None:
        """Show nothing."""

    def close(self) -> None:
        """Remove nothing."""


class Text:
    """One line on a terminal, overwritten at each redraw and erased at the end."""

    def __init__(self, label: str) -> None:
        self.label = label
        self.width = 0
        self.update(0, 1)

    def update(self, done: float, total: float, told: str = "") -> None:
        """Redraw the line."""
        share = share_of(done, total)
        line = f"[{'#' * round(20 * share):<20}] {share:4.0%}  {self.label}{told}"
        sys.stderr.write("\r" + line.ljust(self.width))
        sys.stderr.flush()
        self.width = len(line)

    def close(self) -> None:
        """Erase the line."""
        sys.stderr.write("\r" + " " * self.width + "\r")
        sys.stderr.flush()


class Page:
    """A bar in the output of its cell, as HTML: a page that is closed in a long wait and opened again shows it.

    A widget would not come back: while a cell runs, the kernel does not answer a page that asks for its widgets.
    """

    def __init__(self, label: str) -> None:
        from IPython.display import display

        self.label = label
        show: Any = display  # IPython ships no types
        self.handle: Any = show(self._drawn(0.0, ""), raw=True, display_id=True)

    def _drawn(self, share: float, told: str) -> dict[str, str]:
        inner = f'<div style="height:8px;width:{share:.1%};background:{notes.BLUE}"></div>'
        outer = f'<div style="max-width:40em;border:1px solid {notes.GREY};margin:4px 0">{inner}</div>'
        return {"text/html": f"<div>{notes.safe(self.label + told)}</div>{outer}", "text/plain": self.label}

    def update(self, done: float, total: float, told: str = "") -> None:
        """Move the bar."""
        self.handle.update(self._drawn(share_of(done, total), told), raw=True)

    def close(self) -> None:
        """Clear the output."""
        self.handle.update({"text/plain": ""}, raw=True)


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
        return Page(label)
    return Text(label) if has_terminal() else Silent()


class Throttled:
    """A bar that is redrawn at most every REDRAW_S, at its end, and each TICK_S, when it tells how long it has been."""

    def __init__(self, bar: Bar) -> None:
        self.bar = bar
        self.begun = time.monotonic()
        self.drawn = 0.0
        self.done, self.total = 0.0, 1.0

    def update(self, done: float, total: float) -> None:
        """Redraw the bar if REDRAW_S have passed."""
        self.done, self.total = done, total
        now = time.monotonic()
        if done >= total or now - self.drawn >= REDRAW_S:
            self.drawn = now
            self.bar.update(done, total, so_far(now - self.begun, share_of(done, total)))

    def tick(self) -> None:
        """Redraw the bar although nothing was done."""
        self.bar.update(self.done, self.total, so_far(time.monotonic() - self.begun, share_of(self.done, self.total)))


def so_far(seconds: float, share: float) -> str:
    """How long a wait has been, and how long it will be at this pace once that can be told; "" in its first seconds."""
    if seconds < TICK_S:
        return ""
    left = f", {wait_in_words(seconds * (1 - share) / share)} more" if TELLING <= share < 1 else ""
    return f" {seconds:.0f} s so far{left}."


@contextmanager
def bar(label: str) -> Iterator[Throttled]:
    """A bar while the block runs; it is removed however the block ends."""
    shown, over = make(label), threading.Event()
    throttled = Throttled(shown)

    def ticks() -> None:
        while not over.wait(TICK_S):
            throttled.tick()

    ticking = threading.Thread(target=ticks, name="progress bar", daemon=True)
    if not isinstance(shown, Silent):
        ticking.start()
    try:
        yield throttled
    finally:
        over.set()
        if ticking.ident is not None:
            ticking.join()
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
