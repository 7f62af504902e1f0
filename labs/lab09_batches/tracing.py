"""Where a night's memory is held, line by line: `python -m labs.lab09_batches.tracing FILE` runs a repair under tracemalloc.

It runs in a process of its own, on the small file, with a model that costs nothing. The largest snapshot counts: memory is
looked at where the model is called, which is where a night spends its time.
"""

from __future__ import annotations

import json
import sqlite3
import subprocess
import sys
import tracemalloc
from collections.abc import Sequence
from contextlib import closing, suppress
from pathlib import Path
from types import ModuleType

from labs import ROOT
from labs.lab09_batches import data, model

WITHIN_S = 60.0
CALLS = 30
"""After so many calls of the model the night is cut off."""
Line = tuple[str, float, int]
"""A line of the repair, the MB that are held of what it made, and the objects."""


class _Enough(Exception):
    """Enough was seen."""


def held(source: str, place: Path) -> list[Line]:
    """The lines that hold most at the peak, largest first; empty if the repair does not get so far.

    Args:
        place: a folder for the files of the profile.
    """
    place.mkdir(parents=True, exist_ok=True)
    file = place / "fix.py"
    file.write_text(source, encoding="utf-8")
    command = [sys.executable, "-m", "labs.lab09_batches.tracing", str(file)]
    try:
        done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=WITHIN_S, check=False)
        return [(str(where), float(mb), int(count)) for where, mb, count in json.loads(done.stdout)]
    except (subprocess.TimeoutExpired, ValueError):
        return []


def main(file: str) -> None:
    """Run the night of this file, and print its largest lines as JSON."""
    data.ensure()
    module = ModuleType("fix")
    best: list[Line] = []
    most = calls = 0

    class Free(model.Model):
        def predict(self, payloads: Sequence[bytes]) -> list[int]:
            nonlocal most, calls, best
            calls += 1
            if calls > CALLS:
                raise _Enough
            total = tracemalloc.get_traced_memory()[0]
            if total > most:
                most = total
                snapshot = tracemalloc.take_snapshot().statistics("lineno")
                best = [(f"fix.py:{s.traceback[0].lineno}", s.size / 1e6, s.count) for s in snapshot if _ours(s, file)][:4]
            rows = model.matrix(payloads)
            return [int(score) for score in rows.sum(axis=1)]

    code = compile(Path(file).read_text(encoding="utf-8"), file, "exec")
    exec(code, module.__dict__)  # noqa: S102 - the learner's own repair, in a process of its own
    with (
        closing(sqlite3.connect(data.address("small"), uri=True, check_same_thread=False)) as events,
        closing(sqlite3.connect(":memory:", check_same_thread=False)) as scores,
    ):
        tracemalloc.start(1)
        with suppress(_Enough, ValueError):
            module.run_night(events, scores, Free(7))
    print(json.dumps(best))


def _ours(statistic: tracemalloc.Statistic, file: str) -> bool:
    return statistic.traceback[0].filename == file


if __name__ == "__main__":
    main(sys.argv[1])
