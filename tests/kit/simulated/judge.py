"""A judge in a process of its own, for tests: `python -m tests.kit.simulated.judge digest` or `... long`."""

from __future__ import annotations

import hashlib
import sys
import tempfile
from pathlib import Path

from labs.kit.model.record import Run
from tests.kit.simulated.tiny import tiny_run


def mixed_run(seed: int = 1) -> Run:
    """Two aiohttp hosts, and a bit of everything that could differ from run to run."""
    return tiny_run("mixed", rate=20, seconds=3, calls_peer=True, seed=seed)


def digest(run: Run) -> str:
    """SHA-256 of the record's file."""
    with tempfile.TemporaryDirectory() as folder:
        return hashlib.sha256(run.save(Path(folder, "record.db")).read_bytes()).hexdigest()


if __name__ == "__main__":
    if sys.argv[1] == "digest":
        print(digest(mixed_run()))
    else:
        print("begins", flush=True)
        tiny_run("mixed", rate=2, seconds=20_000, calls_peer=True)
