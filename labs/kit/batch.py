"""Many runs at once: what phase maps, policy tables and the checks have in common."""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

from labs.kit.experiment import run
from labs.kit.lab import Fix, Lab, Scenario
from labs.kit.record import Run

MOST_AT_ONCE = 4


@dataclass(frozen=True)
class Job:
    """One run to make."""

    fix: Fix
    scenario: Scenario
    seed: int = 0


def run_all(lab: Lab, jobs: Sequence[Job], progress: Callable[[float, float], None] | None = None) -> list[Run]:
    """Run all jobs in the simulated world, one a core at a time, at most MOST_AT_ONCE; runs come in the jobs' order.

    Args:
        progress: called with (runs done, runs in all).
    """
    done = []
    with ThreadPoolExecutor(min(MOST_AT_ONCE, os.cpu_count() or 1)) as pool:
        for finished in pool.map(lambda job: run(lab, job.fix, "simulated", job.scenario, job.seed), jobs):
            done.append(finished)
            if progress:
                progress(len(done), len(jobs))
    return done
