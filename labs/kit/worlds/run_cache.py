"""A cache of simulated runs. The same code, repair, scenario, seed and toolchain give the same record, so a run that is
needed twice (by the tests, by the build and its check) is made once.

The cache is off unless BREAKFIX_RUN_CACHE names a folder; `make test` names `user_folder() / "runs"`. The tests of
determinism never use it. The folder holds at most MOST_BYTES; the least recently used runs are removed.
"""

from __future__ import annotations

import os
import sqlite3
import sys
from dataclasses import replace
from pathlib import Path

import labs
from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED, Status
from labs.kit.worlds.fingerprint import digest, run_fingerprint
from labs.kit.worlds.sandbox.tiers import Tier

VARIABLE = "BREAKFIX_RUN_CACHE"
MOST_BYTES = 2_000_000_000
LOOKS_EVERY = 25
"""A process checks the size of the folder with the first run that it keeps, and then once per this many runs."""

_kept = 0


def user_folder() -> Path:
    """This user's folder of cached data: BREAKFIX_KEPT, or `breakfix` in XDG_CACHE_HOME or in the system's cache folder.
    `make clean` removes it (the Makefile computes its path again)."""
    if chosen := os.environ.get("BREAKFIX_KEPT"):
        return Path(chosen)
    home = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or home) / "breakfix"


def folder() -> Path | None:
    """The folder of kept runs; None if the cache is off."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else None


def path_of(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int, tier: Tier = Tier.OPEN) -> Path | None:
    """The file for this run, whether it exists or not; None if the cache is off.

    A run without a sandbox is never read for a graded one: while it was made, the repair could write anything. A run in
    which no service loads the repair is the same for all repairs.
    """
    root = folder()
    if root is None or lab.name not in labs.names():  # a lab made by a test may have no files for a fingerprint
        return None
    source = fix.source if any(service.runs_fix for service in lab.services) else ""
    name = digest(run_fingerprint(lab, source), repr((world, scenario, seed, str(tier))))[:40]
    return root / lab.name / f"{name}.sqlite"


def read(path: Path | None, fix: Fix, scenario: Scenario, seed: int) -> Run | None:
    """A kept run; None if there is none. A file that cannot be read, or holds another run, is deleted.

    The run gets the present name of its repair: the same source may have several names, and no run depends on them. If no
    service loaded the repair, it may be another one.
    """
    if path is None or not path.exists():
        return None
    try:
        run = Run.load(path)
        sound = run.db.conn.execute("pragma quick_check(1)").fetchone() == ("ok",)
        same = fix.sha if run.info.repaired else run.info.fix_sha
        if not sound or (run.info.fix_sha, run.info.scenario, run.info.seed) != (same, scenario.name, seed):
            raise ValueError(f"{path} is not the run that its name says")
        os.utime(path)
    except (OSError, ValueError, sqlite3.Error):
        _remove(path)
        return None
    if (fix.name, fix.sha) != (run.info.fix, run.info.fix_sha):
        with run.db.conn:
            run.db.conn.execute("update run set fix = ?, fix_sha = ?", [fix.name, fix.sha])
        run = Run(run.db, replace(run.info, fix=fix.name, fix_sha=fix.sha))
    return run


def keep(path: Path | None, run: Run) -> None:
    """Keep a run if its outcome does not depend on the machine. An error, such as a full disk, only costs time."""
    global _kept
    if path is None or run.status in (*REPEATED, Status.HUNG):
        return  # on a busy machine a slow repair can look like one that hangs
    try:
        run.save(path)
        if _kept % LOOKS_EVERY == 0:
            make_room(path.parent.parent)
        _kept += 1
    except (OSError, sqlite3.Error):
        return


def make_room(root: Path, most_bytes: int | None = None) -> None:
    """Delete the least recently used runs until the others take at most `most_bytes` (by default MOST_BYTES)."""
    found = []
    for file in root.glob("*/*.sqlite"):
        try:
            about = file.stat()
        except FileNotFoundError:  # another process deletes runs too
            continue
        found.append((about.st_mtime_ns, about.st_size, file))
    room = MOST_BYTES if most_bytes is None else most_bytes
    for _, size, file in sorted(found, reverse=True):
        room -= size
        if room < 0:
            _remove(file)


def _remove(file: Path) -> None:
    try:
        file.unlink(missing_ok=True)
    except OSError:  # a read-only folder
        return
