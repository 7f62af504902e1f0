"""Finds the cell of the release for each cell of a submission.

A cell is identified by its grade id, by its `%%fix`, `%%diagnosis` or `%%runbook` line, or by its cell id. Tools that
rewrite notebooks (nbstripout, jupytext, Colab) lose ids and metadata; then a cell is identified by the same text, or else by
a similar text.
"""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from nbformat import NotebookNode

from grader.salvage import Cell
from labs.kit.judging.evaluate import same_code
from labs.kit.judging.fix_cell import cut_fix, cut_magic

MAGICS = {"fix": "fix", "diagnosis": "diagnosis", "operator": "runbook"}
"""The magic line of each answer that has one, by the grade id of its cell. The cell "runbook" is the entry for people."""
LIKE = 0.6
"""The share of words that two similar texts must have in common."""
MOST_WORDS = 500
"""The largest number of words that are compared in one text, and of cells that are compared."""

_MAGIC = re.compile(rf"^[ \t]*%%({'|'.join(MAGICS.values())})(?![\w.])", re.MULTILINE)


@dataclass(frozen=True)
class Match:
    """A submitted cell, its cell in the release, and what identified it."""

    cell: Cell
    target: NotebookNode
    by: str  # "grade id", "line", "cell id" or "text"

    @property
    def differs(self) -> bool:
        """Whether its text differs from the release."""
        return self.cell.source.strip() != self.target.source.strip()

    @cached_property
    def answers(self) -> bool:
        """Whether it is an answer: not blank, and not the text of the release. Repairs are compared as programs."""
        body = self._below_line if self.has_line else self.cell.source
        if not (self.differs and body and re.search(r"\w", body)):
            return False
        if grade_id(self.target) != "fix":
            return True
        return not any(same_code(cut_fix(self.cell.source), other) for other in ("", cut_fix(self.target.source)))

    @property
    def has_line(self) -> bool:
        """Whether it has the magic line of its answer."""
        return self._below_line is not None

    @property
    def _below_line(self) -> str | None:
        name = grade_id(self.target)
        return cut_magic(MAGICS[name], self.cell.source) if name in MAGICS else None


@dataclass(frozen=True)
class Own:
    """A learner's own cell, and the release's cell before it, or None."""

    behind: NotebookNode | None
    cell: Cell


def grading(cell: NotebookNode) -> dict[str, Any]:
    """The metadata of nbgrader in a cell."""
    return cell.metadata.get("nbgrader", {})


def grade_id(cell: NotebookNode) -> str:
    """The grade id of a cell; "" if it has none."""
    return str(grading(cell).get("grade_id", ""))


def matched(release: NotebookNode, cells: tuple[Cell, ...]) -> tuple[list[Match], list[Own]]:
    """The matches of the submitted cells, in the order of the submission, and the learner's own cells."""
    known = _by_marks(release, cells)
    _add_by_text(release, cells, known)
    _add_by_likeness(release, cells, known)
    own: list[Own] = []
    last: NotebookNode | None = None
    for place, cell in enumerate(cells):
        if place in known:
            last = known[place].target
        else:
            own.append(Own(last, cell))
    return [known[place] for place in sorted(known)], own


_Known = dict[int, Match]  # by the place of the submitted cell


def _by_marks(release: NotebookNode, cells: tuple[Cell, ...]) -> _Known:
    by_grade_id = {grade_id(c): c for c in release.cells if grade_id(c)}
    by_cell_id = {c.id: c for c in release.cells}
    texts = {_plain(c.source) for c in release.cells}
    known: _Known = {}
    for place, cell in enumerate(cells):
        marked, named = by_grade_id.get(cell.grade_id), by_cell_id.get(cell.cell_id)
        line = _line(cell) if cell.kind == "code" or (marked is None and named is None) else ""
        # In the notebook any cell with this line is the answer, whatever the cell was before. The same holds here.
        if line in by_grade_id and cell.grade_id != line and _plain(cell.source) not in texts:
            by = "cell id" if named is by_grade_id[line] else "line"
            known[place] = Match(cell, by_grade_id[line], by)
        elif marked is not None:
            known[place] = Match(cell, marked, "grade id")
        elif named is not None:
            known[place] = Match(cell, named, "cell id")
    return known


def _line(cell: Cell) -> str:
    """The grade id of the answer whose magic line comes first in a cell."""
    found = _MAGIC.search(cell.source)
    return next((name for name, magic in MAGICS.items() if found and found[1] == magic), "")


def _add_by_text(release: NotebookNode, cells: tuple[Cell, ...], known: _Known) -> None:
    """Match cells with the same text as a cell of the release. Repeated texts are matched in their order."""
    standing = _unclaimed(release.cells, known)
    same: dict[tuple[str, str], list[NotebookNode]] = {}
    for target in sorted(release.cells, key=lambda c: not any(c is free for free in standing)):
        same.setdefault((target.cell_type, _plain(target.source)), []).append(target)
    for place, cell in enumerate(cells):
        targets = same.get((cell.kind, _plain(cell.source)), []) if place not in known else []
        if targets:
            known[place] = Match(cell, targets[0], "text")
        if len(targets) > 1:
            targets.pop(0)


def _add_by_likeness(release: NotebookNode, cells: tuple[Cell, ...], known: _Known) -> None:
    """Match each remaining cell of the release with the submitted cell that is most similar to it, if one is."""
    free = [place for place in range(len(cells)) if place not in known][:MOST_WORDS]
    bags = {place: _words(cells[place].source) for place in free}
    for target in _unclaimed(release.cells, known):
        if grading(target).get("locked"):  # the release's own text is put back in any case
            continue
        wanted = _words(target.source)
        lines = _lines(target.source) if grading(target).get("grade") else frozenset()
        likeness = {
            place: max(_common(wanted, bags[place]), _kept(lines, cells[place].source))
            for place in free
            if place not in known and cells[place].kind == target.cell_type
        }
        best = max(likeness, key=lambda place: likeness[place], default=-1)
        if best >= 0 and likeness[best] >= LIKE:
            known[best] = Match(cells[best], target, "text")


def _unclaimed(targets: Iterable[NotebookNode], known: _Known) -> list[NotebookNode]:
    claimed = {id(match.target) for match in known.values()}
    return [target for target in targets if id(target) not in claimed]


def _plain(text: str) -> str:
    return " ".join(text.split())


def _words(text: str) -> Counter[str]:
    return Counter(re.findall(r"\w+", text[: 20 * MOST_WORDS])[:MOST_WORDS])


def _common(one: Counter[str], other: Counter[str]) -> float:
    together = one.total() + other.total()
    return 2 * (one & other).total() / together if together else 0.0


def _lines(text: str) -> frozenset[str]:
    return frozenset(line.strip() for line in text.splitlines() if line.strip())


def _kept(form: frozenset[str], text: str) -> float:
    """The share of the lines of a form, such as the headings of a runbook, that a text contains."""
    return len(form & _lines(text)) / len(form) if form else 0.0
