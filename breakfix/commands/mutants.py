"""Mutants of a repair: copies with one small slip each, of the kinds that people make (slips.py).

Only the text of the slip differs, so a mutant reads as a small difference from its repair.
"""

from __future__ import annotations

import ast
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from breakfix.commands.slips import KINDS, Edit, Source

UNSEEN = {"annotation", "returns"}
"""The fields of the tree in which there is no slip: annotations."""


@dataclass(frozen=True)
class Mutant:
    """A repair with one slip.

    `where` is the enclosing class and function, "" at the top level; "Intake.offer#2" if the same slip is made there for the
    second time. `line` is the first line that changes. `before` and `after` are the changed lines, as one line each.
    """

    kind: str
    where: str
    line: int
    before: str
    after: str
    source: str

    @property
    def key(self) -> tuple[str, str, str, str]:
        """What names it in its repair, also if lines above it come or go."""
        return self.where, self.kind, self.before, self.after


def mutants(text: str) -> list[Mutant]:
    """All mutants of a repair, in the order of its text; none is the same program as the repair or as another mutant.

    Raises:
        SyntaxError: the repair is not Python.
    """
    source = Source(text)
    edits = [
        (edit, order, kind, node)
        for node in _visited(source.tree)
        for order, (kind, mutator) in enumerate(KINDS.items())
        for edit in mutator(node, source)
    ]
    made: list[Mutant] = []
    alike: Counter[tuple[str, ...]] = Counter()
    known = {ast.dump(source.tree)}
    for edit, _, kind, node in sorted(edits, key=lambda each: each[:2]):
        mutant = _made(source, edit, kind, source.where(node))
        program = _program(mutant.source)
        if program is not None and program not in known:
            known.add(program)
            alike[mutant.key] += 1
            nth = alike[mutant.key]
            made.append(replace(mutant, where=f"{mutant.where}#{nth}") if nth > 1 else mutant)
    return made


def evenly(made: Sequence[Mutant], most: int) -> list[Mutant]:
    """At most `most` of the mutants, spread evenly over the repair; always the same ones."""
    if len(made) <= most:
        return list(made)
    return [made[index * len(made) // most] for index in range(most)]


def _visited(node: ast.AST) -> Iterator[ast.AST]:
    """The nodes in which a slip may be: no annotation, no message of an exception, nothing inside of an f-string."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in UNSEEN or isinstance(node, ast.Raise):
            continue
        for child in value if isinstance(value, list) else [value]:
            if isinstance(child, ast.AST) and not isinstance(child, ast.JoinedStr):
                yield from _visited(child)


def _made(source: Source, edit: Edit, kind: str, where: str) -> Mutant:
    first, after, new = edit
    data = source.data
    begin = data.rfind(b"\n", 0, first) + 1
    end = data.find(b"\n", after)
    end = len(data) if end < 0 else end
    changed = data[begin:first] + new.encode() + data[after:end]
    whole = data[:begin] + changed + data[end:]
    line = data.count(b"\n", 0, first) + 1
    return Mutant(kind, where, line, _one_line(data[begin:end]), _one_line(changed), whole.decode())


def _one_line(data: bytes) -> str:
    return " ".join(data.decode().split())


def _program(text: str) -> str | None:
    try:
        return ast.dump(ast.parse(text))
    except SyntaxError:
        return None
