"""Several runs at once, one per core, for phase maps, policy tables and benchmarks.

Threads are enough: most of the time a run waits for the processes of its hosts.
"""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from dataclasses import dataclass
from typing import TypeVar

from labs.kit.model.lab import Fix, Lab, Progress, Scenario
from labs.kit.model.record import Run
from labs.kit.worlds.run import run

MOST_AT_ONCE = 4

Item = TypeVar("Item")
Result = TypeVar("Result")


class Stopped(Exception):
    """Raised inside a run whose result is no longer needed."""


def usable_cores() -> int:
    """The number of cores that this process may use: all, unless a container or the user limits them."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def run_each(
    work: Callable[[Item, Progress], Result],
    items: Sequence[Item],
    *,
    length: Callable[[Item], float],
    jobs: int | None = None,
    progress: Callable[[int, int], None] | None = None,
) -> list[Result]:
    """Call `work(item, look)` for each item; the results are in the order of the items.

    On Ctrl-C, or if a call raises, no further item is started, and each present run ends at its next call of `look`.

    Args:
        work: makes one run, with `look` as the run's progress callback.
        length: an item's length in virtual seconds. The longest items go first, so that all cores finish at about one time.
        jobs: the number of runs at once; by default one per core, at most MOST_AT_ONCE.
        progress: called in the caller's thread with (items done, all items).
    """
    stop = threading.Event()

    def look(seconds_done: float, seconds_in_all: float) -> None:
        if stop.is_set():
            raise Stopped

    with ThreadPoolExecutor(jobs or min(MOST_AT_ONCE, usable_cores())) as pool:
        try:
            order = sorted(range(len(items)), key=lambda index: -length(items[index]))
            futures = {pool.submit(work, items[index], look): index for index in order}
            results: dict[int, Result] = {}
            for future in as_completed(futures):
                results[futures[future]] = future.result()
                if progress:
                    progress(len(results), len(items))
        except BaseException:
            stop.set()
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return [results[index] for index in range(len(items))]


@dataclass(frozen=True)
class Job:
    """One run to make."""

    fix: Fix
    scenario: Scenario
    seed: int = 0


def run_all(lab: Lab, jobs: Sequence[Job], progress: Callable[[int, int], None] | None = None) -> list[Run]:
    """Run all jobs in the simulated world, several at once (see `run_each`); the runs are in the order of the jobs.

    Args:
        progress: called with (runs done, all runs).
    """
    return run_each(
        lambda job, look: run(lab, job.fix, "simulated", job.scenario, job.seed, look),
        jobs,
        length=lambda job: job.scenario.seconds,
        progress=progress,
    )
