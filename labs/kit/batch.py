"""Many runs at once: what phase maps, policy tables and benchmarks have in common."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labs.kit.experiment import run
from labs.kit.lab import Fix, Lab, Scenario
from labs.kit.parallel import run_each
from labs.kit.record import Run


@dataclass(frozen=True)
class Job:
    """One run to make."""

    fix: Fix
    scenario: Scenario
    seed: int = 0


def run_all(lab: Lab, jobs: Sequence[Job], progress: Callable[[int, int], None] | None = None) -> list[Run]:
    """Run all jobs in the simulated world, several at once (see `labs.kit.parallel`); runs come in the jobs' order.

    Args:
        progress: called with (runs done, runs in all).
    """
    return run_each(
        lambda job, look: run(lab, job.fix, "simulated", job.scenario, job.seed, look),
        jobs,
        length=lambda job: job.scenario.seconds,
        progress=progress,
    )
