"""A judge of its own for one hostile repair: `python -m tests.hostile.judge TIER LAB`, the repair on standard input.

It does what grader.judge does round a run, on a short scenario, and prints {"status": ..., "detail": ..., "said": [...]}.
"""

from __future__ import annotations

import json
import signal
import sys

import labs
from grader import judge
from labs.kit.model.lab import Fix
from labs.kit.model.load import Phase
from labs.kit.worlds.run import run
from labs.kit.worlds.sandbox.tiers import Tier


def main() -> None:
    """Run the repair once, and print how that ended."""
    tier, lab, seconds = Tier(sys.argv[1]), labs.load(sys.argv[2]), float(sys.argv[3])
    source = sys.stdin.read()
    out, _ = judge._take_output()
    judge._adopt_orphans()
    signal.signal(signal.SIGTERM, lambda *_: judge._stop())
    first = lab.scenario(next(iter(lab.scenarios))).with_(load=(Phase(10.0, seconds),), faults=(), settle_s=1.0)
    made = run(lab, Fix("submission", source), lab.world, first, 0, tier=tier)
    judge.end_descendants()
    said = [json.loads(row.fields).get("text", "") for row in made.logs()]
    out.write(json.dumps({"status": str(made.status), "detail": made.info.detail, "said": said}) + "\n")
    out.flush()


if __name__ == "__main__":
    main()
