"""The phase map: one run for each pair of arrival rate and length of stall."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

from labs.kit import Fix, Job, Lab, Run, fingerprint, stats, write_atomic
from labs.lab06_retries.scenarios import stalled

AXES: dict[str, tuple[tuple[float, ...], tuple[float, ...]]] = {
    "coarse": ((5, 10, 15, 30), (0.2, 1, 3)),
    "fine": ((5, 10, 12, 15, 20, 30, 40), (0.1, 0.2, 0.5, 1, 3)),
}
"""Orders a second, seconds of stall."""

CAPACITY = 50.0
LOAD_S = 26.0
TAIL_S = 6.0

Grid = list[list[float | None]]


def jobs(fix: Fix, rates: Sequence[float], stalls: Sequence[float]) -> list[Job]:
    """The runs of one map, row by row."""
    return [Job(fix, stalled("phase", LOAD_S, stall, rate)) for stall in stalls for rate in rates]


def grid(runs: Sequence[Run], rates: Sequence[float], stalls: Sequence[float]) -> Grid:
    """Share of the last TAIL_S seconds' orders that were confirmed, a row for each stall; None where a run broke off."""
    shares = [stats.success_rate(r, LOAD_S - TAIL_S) if r.info.status == "pass" else None for r in runs]
    return [shares[i * len(rates) : (i + 1) * len(rates)] for i in range(len(stalls))]


def law(stalls: Sequence[float], attempts: int) -> list[tuple[float, float]]:
    """The line at which arrival rate times attempts is the capacity; collapse can be sustained only to its right."""
    rate = CAPACITY / attempts
    return [(rate, 0.0), (rate, 2 * max(stalls))]


def key(lab: Lab, fix: Fix, fine: bool) -> str:
    """What a kept map depends on: its runs, and the code that makes a map of them."""
    wanted = [job.scenario for job in jobs(fix, *AXES["fine" if fine else "coarse"])]
    return fingerprint.digest(fingerprint.run_fingerprint(lab, fix.source, grid), repr(wanted))[:24]


def read(path: Path) -> Grid | None:
    """A kept map; None if there is none that can be read."""
    try:
        found: Grid = json.loads(path.read_text())
    except (OSError, ValueError):
        return None
    return found


def write(path: Path, grid: Grid) -> None:
    """Keep a map."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomic(path, json.dumps(grid))
