"""The benchmarks: the speed of the course, each figure beside its yardstick from the same minute on the same machine.

Run them with `breakfix bench` on a machine that does nothing else. No test depends on these figures.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

from benchmarks.row import Row


def _two_hops() -> Row:
    from benchmarks.relaying import two_hops

    return two_hops()


def _minute() -> Row:
    from benchmarks.relaying import minute

    return minute()


def _check() -> Row:
    from benchmarks.checking import check

    return check()


def _labs() -> list[Row]:
    from benchmarks.labs_cost import labs_cost

    return labs_cost()


def _grading() -> Row:
    from benchmarks.grading import grading

    return grading()


def _import() -> Row:
    from benchmarks.importing import importing

    return importing()


def _send_lag() -> Row:
    from benchmarks.honest import send_lag

    return send_lag()


def _stall() -> list[Row]:
    from benchmarks.honest import stall

    return stall()


BENCHMARKS: dict[str, Callable[[], Row | list[Row]]] = {
    "two-hops": _two_hops,
    "minute": _minute,
    "check": _check,
    "labs": _labs,
    "grading": _grading,
    "import": _import,
    "send-lag": _send_lag,
    "stall": _stall,
}
"""Functions that return one row, or several rows with the same yardstick."""


def run_all(names: Sequence[str] | None = None) -> list[Row]:
    """Run the benchmarks called `names`, or all. Raises ValueError for an unknown name."""
    for name in names or ():
        if name not in BENCHMARKS:
            raise ValueError(f"unknown benchmark {name!r}; they are: {', '.join(BENCHMARKS)}")
    rows: list[Row] = []
    for name in names or BENCHMARKS:
        measured = BENCHMARKS[name]()
        rows += measured if isinstance(measured, list) else [measured]
    return rows
