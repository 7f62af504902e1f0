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
        declared = (labs.FOLDER / name / "__init__.py").read_text(encoding="utf-8")
        for stem in ("broken", declared.split('reference="')[1].split('"')[0]):
            found[f"{name[3:5]} {stem}"] = _source(name, stem)
    return found


def _source(name: str, stem: str) -> str:
    """The whole source of a repair; if its file is an edit, of what it makes of its sibling."""
    source = (labs.FOLDER / name / ("" if stem == "broken" else "fixes") / f"{stem}.py").read_text(encoding="utf-8")
    if "\nLIKE = " not in source:
        return source
    declared = {ast.unparse(node.targets[0]): node.value for node in ast.parse(source).body if isinstance(node, ast.Assign)}
    changed = ast.literal_eval(declared["CHANGED"])
    return edited(_source(name, ast.literal_eval(declared["LIKE"])), changed, f"{name}/fixes/{stem}.py")


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
    return {f"{name[3:5]} {stem}": _source(name, stem) for name in _labs() for stem in PAIRS.get(name[3:5], ())}


def lines_of(label: Label, source: str) -> list[int]:
    """The numbers of the label's lines in the source of its file."""
    numbered = enumerate(source.split("\n"), 1)
    return [number for number, line in numbered if line.strip() in label.lines]


def _labels() -> Iterator[Label]:
    for head, lines in blocks(labels.LABELS):
        number, stem, code, why = head.split(" ", 3)
        yield Label(f"{number} {stem}", code, tuple(lines), why.removeprefix("hard: "), why.startswith("hard: "))


LABELS = tuple(_labels())
