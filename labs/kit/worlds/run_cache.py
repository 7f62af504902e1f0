"""Kept runs. A simulated run is a value: the same code, repair, scenario, seed and toolchain give the same record, so
whoever needs it twice (the tests, the build and its check) may read the first one.

Off unless BREAKFIX_RUN_CACHE names a folder, as `make test` does: `user_folder() / "runs"`. The tests of determinism never
use it. The folder holds at most MOST_BYTES: the runs whose last use is longest ago make room.
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

VARIABLE = "BREAKFIX_RUN_CACHE"
MOST_BYTES = 2_000_000_000
LOOKS_EVERY = 25
"""The size of the folder is looked at with the first run that a process keeps, and then with every so many."""

_kept = 0


def user_folder() -> Path:
    """Where what can be made anew is kept for this user: BREAKFIX_KEPT, or `breakfix` in XDG_CACHE_HOME or the system's
    folder for such things. `make clean` removes it (and knows its place by itself)."""
    if chosen := os.environ.get("BREAKFIX_KEPT"):
        return Path(chosen)
    home = Path.home() / ("Library/Caches" if sys.platform == "darwin" else ".cache")
    return Path(os.environ.get("XDG_CACHE_HOME") or home) / "breakfix"


def folder() -> Path | None:
    """Where runs are kept; None if they are not."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else None


def path_of(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int) -> Path | None:
    """The file in which this run is kept, or would be; None if runs are not kept."""
    root = folder()
    if root is None or lab.name not in labs.names():  # a lab made up by a test may have no files to tell it by
        return None
    return root / lab.name / f"{digest(run_fingerprint(lab, fix.source), repr((world, scenario, seed)))[:40]}.sqlite"


def read(path: Path | None, fix: Fix, scenario: Scenario, seed: int) -> Run | None:
    """A kept run; None if there is none. A file that cannot be read, or holds another run, is thrown away.

    The run goes by the name that its repair has now: the same source may have several, and no run depends on them.
    """
    if path is None or not path.exists():
        return None
    try:
        run = Run.load(path)
        sound = run.db.conn.execute("pragma quick_check(1)").fetchone() == ("ok",)
        if not sound or (run.info.fix_sha, run.info.scenario, run.info.seed) != (fix.sha, scenario.name, seed):
            raise ValueError(f"{path} is not the run that its name says")
        os.utime(path)
    except (OSError, ValueError, sqlite3.Error):
        _remove(path)
        return None
    if fix.name != run.info.fix:
        with run.db.conn:
            run.db.conn.execute("update run set fix = ?", [fix.name])
        run = Run(run.db, replace(run.info, fix=fix.name))
    return run


def keep(path: Path | None, run: Run) -> None:
    """Keep a run that says something of the repair, on any machine. A full disk, say, only costs time."""
    global _kept
    if path is None or run.status in (*REPEATED, Status.HUNG):
        return  # where the machine is busy, a slow repair can look like one that hangs
    try:
        run.save(path)
        if _kept % LOOKS_EVERY == 0:
            make_room(path.parent.parent)
        _kept += 1
    except (OSError, sqlite3.Error):
        return


def make_room(root: Path, most_bytes: int | None = None) -> None:
    """Throw away the runs whose last use is longest ago, until the others take at most `most_bytes` (MOST_BYTES)."""
    found = []
    for file in root.glob("*/*.sqlite"):
        try:
            about = file.stat()
        except FileNotFoundError:  # another process makes room too
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
    except OSError:  # a folder that one may only read
        return
