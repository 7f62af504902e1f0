"""Code that the commands share: exit codes, bad input, safe text, strict JSON, progress bars, the end by Ctrl-C."""

from __future__ import annotations

import json
import math
import os
import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NoReturn

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

DONE, OURS, BAD_INPUT, INTERRUPTED = 0, 1, 2, 130
"""Exit codes: the command succeeded; Break/Fix itself failed; bad input; Ctrl-C."""

PIPE_WIDTH = 160
"""The width in columns without a terminal: rows of a table stay on one line, for grep."""


class BadInput(ValueError):
    """The request is not possible; the message holds the value, what was expected, and what to do."""


class OurFault(RuntimeError):
    """Break/Fix itself failed; the message is one sentence."""


def whole_number(text: str, option: str, least: int, most: int, example: str) -> int:
    """The number in the text of an option. Raises BadInput."""
    try:
        number = int(text)
    except ValueError:
        number = least - 1
    if not least <= number <= most:
        raise BadInput(f"{option} {text!r}: expected a whole number from {least} to {most}, such as {option} {example}")
    return number


def plain(value: object) -> str:
    """Any text, safe on a terminal: the output of a repair could otherwise move the cursor or recolour the screen."""
    return "".join(c if c.isprintable() or c == "\n" else repr(c)[1:-1] for c in str(value))


def one_line(value: object) -> str:
    """Any text as one safe line."""
    return " ".join(plain(value).split())


def complain(about: str, message: object) -> None:
    """Print one line on standard error."""
    print(f"{about}: {one_line(message)}", file=sys.stderr, flush=True)


def strict(value: Any) -> Any:
    """The same value for strict JSON, which has neither infinity nor NaN: such figures become null."""
    if isinstance(value, float) and not math.isfinite(value):
        return None
    if isinstance(value, dict):
        return {str(key): strict(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [strict(item) for item in value]
    return value


def print_json(value: Any) -> None:
    """Print one JSON object, ASCII only, and nothing else."""
    print(json.dumps(strict(value), indent=2, allow_nan=False), flush=True)


def console() -> Console:
    """The console for tables and sentences, on standard output."""
    from rich.console import Console

    return Console(highlight=False, width=None if sys.stdout.isatty() else PIPE_WIDTH)


@contextmanager
def progress_bars() -> Iterator[Progress]:
    """Progress bars on standard error, removed at the end; no bars if standard error is not a terminal."""
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (SpinnerColumn(), TextColumn("{task.description}", markup=False), BarColumn(), TimeElapsedColumn())
    bars = Progress(
        *columns,
        console=Console(stderr=True),
        transient=True,
        # The stream itself is asked: rich takes FORCE_COLOR for a terminal, too, and would write bars into a log file.
        disable=not sys.stderr.isatty(),
        redirect_stdout=False,  # else results would go to standard error, where the bars are
        redirect_stderr=False,
    )
    with bars:
        yield bars


def say_beside(bars: Progress, line: str) -> None:
    """Print a line of results while bars are shown: above the bars if both are on one screen."""
    if sys.stdout.isatty() and not bars.disable:
        bars.console.print(plain(line), markup=False, highlight=False, soft_wrap=True)
    else:
        print(one_line(line), flush=True)


@contextmanager
def stops_at_once() -> Iterator[None]:
    """End the whole process on Ctrl-C, without waiting for runs in other threads, in which a repair may hang.

    The simulated hosts end by themselves after this process, so nothing is left behind.
    """

    def stop(*_: object) -> NoReturn:
        if sys.stderr.isatty():
            os.write(2, b"\r\x1b[2K\x1b[?25h")  # the bar hid the cursor
        os.write(2, b"breakfix: stopped.\n")
        os._exit(INTERRUPTED)

    before = signal.getsignal(signal.SIGINT)
    if before is signal.SIG_IGN:  # a background job of a script: Ctrl-C is not meant for it
        yield
        return
    signal.signal(signal.SIGINT, stop)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
