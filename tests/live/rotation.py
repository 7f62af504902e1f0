"""Which labs a push compares in both worlds: a third of them, and other ones once anything that all share changes. A change
of one lab alone may change only whether it is that lab's turn, so that the others can rest (tests/resting.py).

And in which scenario, by which wrong repair.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable, Sequence
from pathlib import Path

from labs.kit.judging.expectations import expectations
from labs.kit.model.lab import Lab
from tests.declared import part_of

PARTS = 3
VARIABLE = "BREAKFIX_COMPARE"
"""Set to "all", every lab is compared."""
LEFT_OUT = {"__pycache__", "work", "build"}


def turn(names: Sequence[str], content: str, own: Callable[[str], str] = lambda name: "0") -> list[str]:
    """The labs whose turn it is: every PARTS-th name, counted on from what the digests of the content and of the lab give.

    The same content picks the same ones, on any machine; as the content goes on by one, each lab has its turn once in PARTS.
    """
    if os.environ.get(VARIABLE) == "all":
        return list(names)
    return [name for number, name in enumerate(names) if (number + int(content, 16) + int(own(name), 16)) % PARTS == 0]


def content_of(root: Path, part: str = "") -> str:
    """A digest of the sources in a repository that belong to no lab, in hex, or of those of a lab, as "lab06": names and
    bytes of Python files, wherever the repository lies."""
    digest = hashlib.sha256()
    for folder, below, files in os.walk(root):
        below[:] = sorted(name for name in below if not name.startswith(".") and name not in LEFT_OUT)
        for file in sorted(Path(folder, name) for name in files if name.endswith(".py")):
            path = file.relative_to(root).as_posix()
            if part_of(path) == part:
                digest.update(f"{path}\0".encode() + file.read_bytes() + b"\0")
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
