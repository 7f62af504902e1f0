"""The live curve: what pools of this very machine make, with work of the machine's own. No part of the shop.

    python -m labs.lab08_workers.bench SECONDS

For each kind of work and of pool, and each size of it, prints one line of JSON: {"work", "pool", "size", "made"}, `made` in
jobs a second. Computing heats the cores here: the numbers are the machine's, and differ from one to the next.
"""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Callable
from concurrent.futures import Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import dataclass

from labs import ROOT
from labs.kit import work as declared

JOB_S = 0.02
"""What one job computes, or how long it waits."""
EACH_S = 0.6
JOBS: dict[str, Callable[[float], None]] = {"compute": declared.cpu, "wait": time.sleep}
"""What a job does for so long: it computes, or it waits, as for a partner."""
POOLS: dict[str, Callable[[int], Executor]] = {"threads": ThreadPoolExecutor, "processes": ProcessPoolExecutor}
SIZES = (1, 2, 4, 8)
CASES = (("compute", "processes"), ("compute", "threads"), ("wait", "threads"))
LONGEST_S = 60.0


@dataclass(frozen=True)
class Point:
    """What one pool made: jobs a second."""

    work: str
    pool: str
    size: int
    made: float


def measure(work: str, pool: str, size: int, seconds: float) -> float:
    """Jobs a second of one pool that is kept full for `seconds`, once its workers are there."""
    with POOLS[pool](size) as workers:
        for future in [workers.submit(time.sleep, 0.01) for _ in range(size)]:
            future.result()
        done, begun = 0, time.monotonic()
        under_way: list[Future[None]] = [workers.submit(JOBS[work], JOB_S) for _ in range(2 * size)]
        while time.monotonic() - begun < seconds:
            under_way.pop(0).result()
            done += 1
            under_way.append(workers.submit(JOBS[work], JOB_S))
        took = time.monotonic() - begun
        workers.shutdown(cancel_futures=True)
    return done / took


def machine(seconds: float = EACH_S) -> list[Point]:
    """The curve of this machine, measured by a process of its own: a notebook's kernel must not be forked.

    Raises RuntimeError: it did not end well; the message has its last line.
    """
    ended = subprocess.run(
        [sys.executable, "-P", "-m", "labs.lab08_workers.bench", str(seconds)],
        capture_output=True, text=True, timeout=LONGEST_S, cwd=ROOT, check=False,
    )  # fmt: skip
    if ended.returncode != 0:
        last = (ended.stderr.strip().splitlines() or ["it said nothing"])[-1]
        raise RuntimeError(f"the pools of this machine could not be measured: {last}")
    return [Point(**json.loads(line)) for line in ended.stdout.splitlines()]


def main(seconds: float) -> None:
    """Measure all, one after the other."""
    for work, pool in CASES:
        for size in SIZES:
            made = measure(work, pool, size, seconds)
            print(json.dumps({"work": work, "pool": pool, "size": size, "made": round(made, 1)}), flush=True)


if __name__ == "__main__":
    main(float(sys.argv[1]))
