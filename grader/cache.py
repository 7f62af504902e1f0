"""Verdicts already reached, by what they depend on: the repair, the lab, the seeds, the secret, the code, the toolchain.

One small JSON file a judgement, written whole or not at all, so that many processes may judge beforehand and nbgrader,
which grades one after another, only reads. Delete the folder to judge everything anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import platform
import sqlite3
import tempfile
from collections.abc import Iterator, Sequence
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

import labs

VARIABLE = "BREAKFIX_CACHE"
_CODE = Path(__file__).resolve().parent


def folder() -> Path:
    """Where verdicts are kept: BREAKFIX_CACHE, or .grading/cache in the repository (not in git)."""
    return Path(os.environ.get(VARIABLE) or labs.ROOT / ".grading" / "cache")


def key(lab: str, source: str, seeds: Sequence[int], secret: str) -> str:
    """The name of a judgement, 64 hex digits. Another lab, repair, seed, secret, kit or Python gives another."""
    parts = [lab, source, list(seeds), secret, _code_version(labs.folder(lab)), _toolchain()]
    return hashlib.sha256(json.dumps(parts).encode()).hexdigest()


def read(name: str) -> str | None:
    """The text kept under a key, or None."""
    try:
        return _file(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return None


def write(name: str, text: str) -> None:
    """Keep a text under a key. A folder that cannot be written only costs time: then nothing is kept."""
    file = _file(name)
    part = None
    try:
        file.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, suffix=".part", delete=False) as out:
            part = Path(out.name)
            out.write(text)
        part.replace(file)
    except OSError:
        if part is not None:
            part.unlink(missing_ok=True)


def _file(name: str) -> Path:
    return folder() / name[:2] / f"{name}.json"


@cache
def _code_version(lab_folder: Path) -> str:
    """A hash of all code that a verdict depends on: the kit, the lab, the judge."""
    digest = hashlib.sha256()
    for root in (labs.FOLDER / "kit", lab_folder, _CODE):
        for file in _sources(root):
            digest.update(f"{file.relative_to(root)}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()


def _sources(root: Path) -> Iterator[Path]:
    """All but what judges nothing: a lab's chapter and the repairs that ship with it."""
    idle = {"__pycache__", "fixes", "notebook.py"}
    yield from sorted(p for p in root.rglob("*.py") if not idle & set(p.relative_to(root).parts))


@cache
def _toolchain() -> str:
    try:
        aiohttp = version("aiohttp")
    except PackageNotFoundError:
        aiohttp = "none"
    python = f"{platform.python_implementation()} {platform.python_version()}"
    return f"{python} aiohttp {aiohttp} SQLite {sqlite3.sqlite_version}"
