"""This course's own code, and the labels of its lines: what is a hazard there, and what cannot be decided.

The files are read as text, and reach the services as a setting. `LABELS` is the judge's.
"""

from __future__ import annotations

import ast
import os
from collections.abc import Iterator
from dataclasses import dataclass

import labs
from labs.kit import edited
from labs.lab13_hazards import labels
from labs.lab13_hazards.snippets import blocks

NUMBERS = range(13)
"""The labs whose code is read: 00 to 12."""


@dataclass(frozen=True)
class Label:
    """What is known about some lines of a file: a rule's code, the lines' texts (a finding may name any), and why.

    `path` is a lab's two digits and a file's stem: "06 broken". With `hard`, no finding there counts, neither way.
    """

    path: str
    code: str
    lines: tuple[str, ...]
    why: str
    hard: bool = False


def files() -> dict[str, str]:
    """The source of each lab's broken.py and of its reference repair, by path: "06 broken", "06 right_all".

    Empty where the other labs are not visible, as in a sandboxed host: the judge reads them.
    """
    found = {}
    for name in _labs():
        folder = labs.FOLDER / name
        reference = (folder / "__init__.py").read_text(encoding="utf-8").split('reference="')[1].split('"')[0]
        for stem, path in (("broken", folder / "broken.py"), (reference, folder / "fixes" / f"{reference}.py")):
            found[f"{name[3:5]} {stem}"] = path.read_text(encoding="utf-8")
    return found


def _labs() -> list[str]:
    """The labs whose files can be read."""
    try:
        named = labs.ours()
    except OSError:
        return []
    return [name for name in named if int(name[3:5]) in NUMBERS and os.path.isdir(labs.FOLDER / name / "fixes")]


PAIRS = {
    "06": ("right_queue_bound", "wrong_queue_bound_60"),
    "08": ("right_lease", "wrong_short_lease"),
}
"""Of two labs, a right repair, and a wrong one that changes a number in it."""


def pairs() -> dict[str, str]:
    """The sources of these repairs, by path."""
    found: dict[str, str] = {}
    for name in _labs():
        for stem in PAIRS.get(name[3:5], ()):
            source = (labs.FOLDER / name / "fixes" / f"{stem}.py").read_text(encoding="utf-8")
            if stem.startswith("wrong"):
                changed = source[source.index("CHANGED = ") + len("CHANGED = ") :]
                right = found[f"{name[3:5]} {PAIRS[name[3:5]][0]}"]
                source = edited(right, ast.literal_eval(changed), f"{name}/fixes/{stem}.py")
            found[f"{name[3:5]} {stem}"] = source
    return found


def lines_of(label: Label, source: str) -> list[int]:
    """The numbers of the label's lines in the source of its file."""
    numbered = enumerate(source.split("\n"), 1)
    return [number for number, line in numbered if line.strip() in label.lines]


def _labels() -> Iterator[Label]:
    for head, lines in blocks(labels.LABELS):
        number, stem, code, why = head.split(" ", 3)
        yield Label(f"{number} {stem}", code, tuple(lines), why.removeprefix("hard: "), why.startswith("hard: "))


LABELS = tuple(_labels())
