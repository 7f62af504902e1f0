"""A stamp on each pair of built notebooks: it says by what they were made, so that unchanged ones need not be made again.

`breakfix build` writes solutions/stamps.json. The stamp of a lab names the toolchain; then comes a digest of every file of
the lab, of the kit, of the grader and, for a lab that stands on it, of the town; of the lab's scenarios, and of both
notebooks. Where it still fits, executing the page again would give what is stored; `make test` then executes it only in its
turn, which the content of the sources picks, and `make release-check` executes all. Whatever has changed, the notebooks too,
makes it no longer fit.
"""

from __future__ import annotations

import json
import os
from functools import cache
from pathlib import Path

import labs
from labs.kit.worlds.fingerprint import KIT, digest
from labs.kit.worlds.plan import toolchain

STAMPS = Path("solutions", "stamps.json")
PAGES = "BREAKFIX_PAGES"
"""Set to "changed" in the environment, as `make test` does, a page that stands as its stamp says waits for its turn."""
_NO_SOURCE = {"__pycache__", ".ipynb_checkpoints"}


def stamp(name: str) -> str:
    """The toolchain, then 64 hex digits that change with whatever else the notebooks of a lab depend on, and with these."""
    lab = labs.load(name)
    folders = [lab.folder, KIT, Path(__file__).resolve().parent]
    if any("labs.town" in _text(file) for file in _files(lab.folder)):
        folders.append(labs.FOLDER / "town")
    files = [file for folder in folders for file in _files(folder)]
    built = [labs.home(name) / tree / name / f"{name}.ipynb" for tree in ("solutions", "notebooks")]
    asked = repr(sorted(lab.scenarios.items()))  # with what a scenario has read from other labs
    return f"{toolchain()}: {digest(asked, *(_text(file) for file in files), *(_text(file) for file in built))}"


def built_elsewhere(home: Path, name: str) -> bool:
    """Do the notebooks of a lab come from another toolchain than this one, so that its records may differ from theirs?"""
    made_by, parted, _ = read(home).get(name, "").rpartition(": ")
    return bool(parted) and made_by != toolchain()


def _files(folder: Path) -> list[Path]:
    return sorted(f for f in folder.rglob("*") if f.is_file() and not _NO_SOURCE & set(f.parts) and f.suffix != ".pyc")


@cache
def _text(file: Path) -> str:
    return f"{file.name}\0{file.read_bytes().decode('latin-1')}" if file.is_file() else f"{file.name} is missing"


def read(home: Path) -> dict[str, str]:
    """The stamps that stand in a home of labs; none where the file is missing or broken."""
    try:
        found = json.loads((home / STAMPS).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return {str(name): str(value) for name, value in found.items()} if isinstance(found, dict) else {}


def renewed(name: str) -> str:
    """The text of the file with this lab's stamp as it is now."""
    _text.cache_clear()
    stamps = {**read(labs.home(name)), name: stamp(name)}
    return json.dumps({each: stamps[each] for each in sorted(stamps) if each in labs.names()}, indent=1) + "\n"


def to_execute() -> set[str]:
    """The labs whose pages are to be executed: those whose stamp does not fit, and the one whose turn it is; or all."""
    names = labs.ours()
    if os.environ.get(PAGES) != "changed":
        return set(names)
    stood, now = read(labs.ROOT), {name: stamp(name) for name in names}
    turn = names[int(digest(*now.values()), 16) % len(names)]
    return {name for name in names if name == turn or stood.get(name) != now[name]}
