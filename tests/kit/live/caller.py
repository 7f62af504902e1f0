"""Does one live run in a process of its own, for tests that kill or interrupt it.

    python -m tests.kit.live.caller REPAIR RECORD [most bytes a file may have]

It runs for 60 s with the repair of that name, and says on stdout how far the run is, then how it ended.
"""

from __future__ import annotations

import resource
import sys

from labs.kit.worlds.live.world import Interrupted
from tests.kit.live.repairs import REPAIRS
from tests.kit.live.tiny import live_run


def say(done: float, whole: float) -> None:
    """Where the run is."""
    print(f"at {done}", flush=True)


def main() -> None:
    """One run."""
    name, record = sys.argv[1:3]
    if sys.argv[3:]:
        resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
    try:
        run = live_run("fixed", REPAIRS[name], seconds=60, progress=say)
    except Interrupted as interrupted:
        interrupted.run.save(record)
        print("interrupted", flush=True)
    else:
        print(f"{run.status}: {run.info.detail}", flush=True)


if __name__ == "__main__":
    main()
