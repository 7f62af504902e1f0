"""The cost of a lab's simulated runs: CPU seconds per virtual second, and per HTTP exchange."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

import labs
from benchmarks.row import Row
from labs.kit.model.lab import REFERENCE, Lab

SEEDS = (0, 1)
MOST_MS = 5.0


@dataclass(frozen=True)
class Cost:
    """The cost of some runs: seconds of virtual time, of CPU in all processes and of real time, and exchanges."""

    virtual_s: float
    cpu_s: float
    wall_s: float
    exchanges: int


def labs_cost(names: Sequence[str] | None = None, seeds: Sequence[int] = SEEDS) -> list[Row]:
    """A row for each lab that simulated runs judge: its first graded scenario with the reference, one run per seed."""
    chosen = [labs.load(name) for name in names or labs.names()]
    return [_row(lab, seeds) for lab in chosen if not lab.judged_live]


def _row(lab: Lab, seeds: Sequence[int]) -> Row:
    cost = measure(lab, seeds)
    each_ms = 1000 * cost.cpu_s / cost.exchanges
    what = (
        f"{lab.name}, {_scenario(lab)!r} at {len(seeds)} seeds: CPU seconds against virtual ones; {cost.exchanges:,} "
        f"exchanges of {each_ms:.2f} ms each; {cost.cpu_s / cost.wall_s:.2f} cores busy on average"
    )
    return Row(
        "labs", what, "s", cost.virtual_s, cost.cpu_s, cost.virtual_s / cost.cpu_s,
        f"{MOST_MS:g} ms an exchange", each_ms <= MOST_MS,
    )  # fmt: skip


def _scenario(lab: Lab) -> str:
    return lab.checks[0].needs[0]


def measure(lab: Lab, seeds: Sequence[int]) -> Cost:
    """Make the runs in a separate process; its end tells the cost of it and its hosts, minus that of its start."""
    begin_s, _ = _cpu_of(lab, ())
    cpu_s, said = _cpu_of(lab, seeds)
    return replace(said, cpu_s=cpu_s - begin_s)


def _cpu_of(lab: Lab, seeds: Sequence[int]) -> tuple[float, Cost]:
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    command = [sys.executable, "-m", __name__, lab.name, *map(str, seeds)]
    done = subprocess.run(command, cwd=labs.ROOT, check=True, capture_output=True, text=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu_s = after.ru_utime - before.ru_utime + after.ru_stime - before.ru_stime
    return cpu_s, Cost(**json.loads(done.stdout))


def _runs(lab: Lab, seeds: Sequence[int]) -> Cost:
    """Make the runs in that process, one per core, without the cache of runs."""
    from labs.kit.worlds.parallel import run_each
    from labs.kit.worlds.simulated.coordinator.zygote import zygote
    from labs.kit.worlds.simulated.world import run_simulated

    fix, scenario = lab.fix(REFERENCE), lab.scenario(_scenario(lab))
    zygote()
    begun = time.perf_counter()
    runs = run_each(
        lambda seed, look: run_simulated(lab, fix, scenario, seed, look), seeds, length=lambda seed: scenario.seconds
    )
    wall_s = time.perf_counter() - begun
    exchanges = sum(len(run.requests(link)) for run in runs for link in run.links())
    return Cost(sum(run.info.seconds for run in runs), 0.0, wall_s, exchanges)


if __name__ == "__main__":
    print(json.dumps(asdict(_runs(labs.load(sys.argv[1]), [int(seed) for seed in sys.argv[2:]]))))
