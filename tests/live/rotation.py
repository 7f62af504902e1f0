"""Which labs a push compares in both worlds: a third of them, and another third once anything in the repository changes.

And in which scenario, by which wrong repair.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Sequence
from pathlib import Path

from labs.kit.judging.expectations import expectations
from labs.kit.model.lab import Lab

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


def compared_in(lab: Lab) -> str:
    """The scenario to compare in."""
    return lab.compared_in or next(iter(lab.scenarios))


def first_wrong(lab: Lab) -> str:
    """The first wrong repair of a lab that loses something in that scenario, and is not on a knife's edge.

    Raises LookupError if there is none: `compared_in` of the lab then has to name another scenario.
    """
    seen = {check.name for check in lab.checks if check.needs == (compared_in(lab),)}
    for fix in (f for f in lab.fix_names() if f.startswith("wrong_")):
        said = expectations(lab.fix(fix).source)
        if said.knife_edge is None and seen & set(said.loses):
            return fix
    raise LookupError(f"{lab.name} has no wrong repair that loses a check of the scenario {compared_in(lab)}")
