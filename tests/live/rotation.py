"""Which labs a push compares in both worlds: a third of them, and another third once anything in the repository changes."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

PARTS = 3
VARIABLE = "BREAKFIX_COMPARE"
"""Set to "all", every lab is compared."""
LEFT_OUT = {"__pycache__", "work", "build"}


def turn(names: Sequence[str], content: str) -> list[str]:
    """The labs whose turn it is: every PARTS-th name, from the one that the digest of the content picks.

    The same content picks the same ones, on any machine; the parts of one list have no lab in common and leave none out.
    """
    if os.environ.get(VARIABLE) == "all":
        return list(names)
    first = int(content, 16) % PARTS
    return [name for number, name in enumerate(names) if number % PARTS == first]


def content_of(root: Path) -> str:
    """A digest of the sources in a repository, in hex: names and bytes of its Python files, wherever it lies."""
    digest = hashlib.sha256()
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in LEFT_OUT)
        for file in sorted(Path(folder, name) for name in files if name.endswith(".py")):
            digest.update(f"{file.relative_to(root).as_posix()}\0".encode() + file.read_bytes() + b"\0")
    return digest.hexdigest()
