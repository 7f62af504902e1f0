"""Do verdicts of lab04 depend on the load of the machine? Two borderline repairs, many times, with every core busy.

    python -m benchmarks.flips_connections [times]

right_nine uses 18 of the server's 20 connections, wrong_twelve needs 24. Each is judged in the scenario `peak`, 50 times by
default, while one process per core only counts. Each must pass or lose the same checks every time. An invalid run says
nothing about the repair; it is repeated, and counted. A run takes about 15 s.
"""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

import labs
from labs.kit.judging.expectations import expectations
from labs.kit.model.lab import Lab
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED, Status
from labs.kit.worlds.run import run

LAB, SCENARIO = "lab04_connections", "peak"
REPAIRS = ("right_nine", "wrong_twelve")
TRIES = 5


@contextmanager
def busy_cores() -> Iterator[None]:
    """Run one process per core that only counts, until the end of the context."""
    hogs = [subprocess.Popen([sys.executable, "-c", "while True: pass"]) for _ in range(os.cpu_count() or 1)]
    try:
        yield
    finally:
        for hog in hogs:
            hog.kill()
            hog.wait()


def judged(lab: Lab, name: str, seed: int) -> tuple[Run, int, dict[str, str]]:
    """One valid run of a repair if there is any, the number of invalid runs before it, and the checks that it lost."""
    invalid = 0
    made = run(lab, lab.fix(name), "live", SCENARIO, seed)
    while made.status in REPEATED and invalid < TRIES:
        invalid += 1
        made = run(lab, lab.fix(name), "live", SCENARIO, seed)
    if made.status is not Status.PASS:
        return made, invalid, {"the run": f"{made.status}: {made.info.detail}"}
    found = {check.name: check({SCENARIO: made}) for check in lab.checks if check.needs == (SCENARIO,)}
    return made, invalid, {name: finding.reason for name, finding in found.items() if not finding.passed}


def main() -> int:
    """Make the runs and print them. Returns the number of flips, at most 1."""
    times = int(sys.argv[1]) if sys.argv[1:] else 50
    lab = labs.load(LAB)
    in_it = {check.name for check in lab.checks if check.needs == (SCENARIO,)}
    flips = invalid = 0
    outcomes: Counter[tuple[str, tuple[str, ...]]] = Counter()
    with busy_cores():
        for seed in range(times):
            for name in REPAIRS:
                expected = {c: r for c, r in expectations(lab.fix(name).source).loses.items() if c in in_it}
                _, repeated, lost = judged(lab, name, seed)
                invalid += repeated
                flipped = lost != expected
                flips += flipped
                outcomes[name, tuple(sorted(f"{check}: {reason}" for check, reason in lost.items()))] += 1
                print(f"{seed + 1:3} of {times}  {name:14} {'FLIP ' if flipped else ''}{lost or 'passes'}", flush=True)
    for (name, lost_checks), count in sorted(outcomes.items()):
        print(f"{count:4} x {name}: {', '.join(lost_checks) or 'passes'}")
    print(f"{flips} flips in {times * len(REPAIRS)} verdicts; {invalid} invalid runs were repeated")
    return 1 if flips else 0


if __name__ == "__main__":
    sys.exit(main())
