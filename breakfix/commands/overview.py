"""The commands list, progress, build and bench, which mostly print a table of other modules' results."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextlib import suppress
from functools import partial
from pathlib import Path
from threading import Event
from typing import TypeVar

import labs
from breakfix.commands import shell
from breakfix.commands.shell import DONE, OURS, BadInput, OurFault, progress_bars

T = TypeVar("T")


def print_labs() -> None:
    """`breakfix list`."""
    loaded, problems = labs.load_all()
    others = labs.elsewhere()
    heads = ["lab", "title", "failure", "signal to watch", "minutes"]
    rows = [[lab.name, lab.title, lab.failure, lab.signal, str(lab.minutes)] for lab in loaded]
    if others:
        heads.append("from")
        for row in rows:
            row.append(others[row[0]].distribution if row[0] in others else "Break/Fix")
    _print_table(heads, rows)
    _tell("breakfix list", problems)


def _tell(about: str, problems: Iterable[str]) -> None:
    for line in problems:
        shell.complain(about, line)


def print_progress() -> None:
    """`breakfix progress`."""
    from labs.kit.notebook.progress import summary

    rows = summary()
    _print_table(
        ("lab", "state", "points", "attempts", "runs", "predictions", "hints"),
        [
            (
                row["lab"], row["state"], f"{row['points']:g} of {row['max_points']:g}",
                *(str(row[key]) for key in ("attempts", "runs", "predictions", "hints")),
            )
            for row in rows
        ],
    )  # fmt: skip
    for row in rows:
        if row["notice"]:
            shell.complain(f"breakfix progress: {row['lab']}", row["notice"])
    _tell("breakfix progress", labs.load_all()[1])


def build(lab: str | None, check: bool, to: Path | None = None) -> int:
    """`breakfix build`: make the notebooks, or compare them. Returns 1 if --check finds a difference.

    Raises:
        labs.UnknownLab, labs.BrokenLab: nothing was built.
        BadInput: the notebooks cannot be written there.
        OurFault: a chapter cannot be built.
    """
    name = labs.find(lab) if lab else None  # before the imports below, which take seconds
    from grader.build import BuildError, build_labs

    with progress_bars() as bars:
        bars.add_task(f"{'Comparing' if check else 'Building'} {name or 'all labs'}; each solution is executed", total=None)
        try:
            told = _interruptible(partial(build_labs, [name] if name else [], check, to))
        except BuildError as error:
            raise OurFault(str(error)) from error
        except OSError as error:
            raise BadInput(f"cannot write {error.filename} ({error.strerror}); --to FOLDER builds elsewhere") from error
    for line in told:
        print(shell.one_line(line))
    if check and not told:
        print(f"Up to date: {name or ', '.join(labs.ours())}.")
    return OURS if check and told else DONE


def _interruptible(work: Callable[[], T]) -> T:
    """Do `work`, which executes notebooks, so that Ctrl-C raises KeyboardInterrupt and leaves no kernel and no folder.

    In the main thread nbclient would handle the interrupt itself, and the build would end as a failure of the notebook.
    """
    interrupted = Event()
    before = signal.getsignal(signal.SIGINT)
    if before is not signal.SIG_IGN:
        signal.signal(signal.SIGINT, lambda *_: interrupted.set())
    try:
        with ThreadPoolExecutor(1) as pool:
            working = pool.submit(work)
            while not working.done():
                wait([working], timeout=0.5)
                if interrupted.is_set():  # repeatedly: the next kernel may be about to start
                    _kill_children()
    finally:
        signal.signal(signal.SIGINT, before)
    if interrupted.is_set():
        raise KeyboardInterrupt
    return working.result()


def _kill_children() -> None:
    import psutil

    for child in psutil.Process().children(recursive=True):
        with suppress(psutil.NoSuchProcess):
            child.kill()


def bench(names: Sequence[str]) -> int:
    """`breakfix bench`: run the benchmarks and print a row for each; none passes or fails.

    Raises:
        BadInput: there is no such benchmark; nothing was run.
    """
    from benchmarks import BENCHMARKS, run_all

    for name in names:
        if name not in BENCHMARKS:
            raise BadInput(f"unknown benchmark {name!r}; the benchmarks are: {', '.join(BENCHMARKS)}")
    rows = []
    with progress_bars() as bars:
        for name in names or BENCHMARKS:
            bar = bars.add_task(f"Measuring {name}; leave the machine alone meanwhile", total=None)
            rows += run_all([name])
            bars.remove_task(bar)
    _print_table(
        ("benchmark", "what", "ours", "yardstick", "unit", "ratio", "to reach", "reached"),
        [
            (
                row.name, row.what, *(f"{figure:.4g}" for figure in (row.ours, row.yardstick)), row.unit,
                f"{row.ratio:.2f}", row.to_reach, "yes" if row.reached else "NO",
            )
            for row in rows
        ],
    )  # fmt: skip
    return DONE


def _print_table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    table = Table(box=box.SIMPLE_HEAD)
    for head in heads:
        table.add_column(head)
    for row in rows:
        table.add_row(*(Text(shell.one_line(cell)) for cell in row))
    shell.console().print(table)
