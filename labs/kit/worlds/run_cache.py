"""Runs kept for use again. A simulated run is a value: the same code, repair, scenario, seed and toolchain give the same
record, so whoever needs it twice (the tests, the build and its check) may read the first one.

Off unless BREAKFIX_RUN_CACHE names a folder. The tests of determinism never use it.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import labs
from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import REPEATED

VARIABLE = "BREAKFIX_RUN_CACHE"


def folder() -> Path | None:
    """Where runs are kept; None if they are not."""
    chosen = os.environ.get(VARIABLE)
    return Path(chosen) if chosen else None


@lru_cache
def _code(lab_folder: Path) -> str:
    """Hash of all code that decides what a run of this lab records. Repairs come in by their own source."""
    digest = hashlib.sha256()
    for root in (labs.FOLDER / "kit", lab_folder):
        for path in sorted(root.rglob("*.py")):
            if "fixes" not in path.parts and path.name != "notebook.py":
                digest.update(path.read_bytes())
    return digest.hexdigest()


def path_of(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int, toolchain: str) -> Path | None:
    """The file in which this run is kept, or would be; None if runs are not kept."""
    root = folder()
    if root is None or lab.name not in labs.names():  # a lab made up by a test: its code would not be in the hash
        return None
    what = repr((_code(lab.folder), fix.source, world, scenario, seed, toolchain))
    return root / lab.name / f"{hashlib.sha256(what.encode('utf-8', 'backslashreplace')).hexdigest()[:40]}.sqlite"


def read(path: Path | None, name: str) -> Run | None:
    """A kept run; None if there is none, or none that can be read.

    `name` is what its repair is called now: the same source may go by several names, and no run hangs on them.
    """
    if path is None or not path.exists():
        return None
    try:
        run = Run.load(path)
    except ValueError:
        return None
    if name != run.info.fix:
        with run.db.conn:
            run.db.conn.execute("update run set fix = ?", [name])
        run = Run(run.db, replace(run.info, fix=name))
    return run


def keep(path: Path | None, run: Run) -> None:
    """Keep a run that says something of the repair."""
    if path is not None and run.status not in REPEATED:
        run.save(path)
