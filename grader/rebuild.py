"""Turns a submission, however damaged, into the release with the learner's parts in it.

A learner's changes to locked cells, points, metadata or the order of cells cannot reach the gradebook, because none of them
is taken over. A cell is identified by its grade id, then by its cell id, then by its `%%fix` or `%%diagnosis` line.
"""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde

from grader import course
from grader.salvage import MOST_BYTES, Cell, harmless, salvage
from labs.kit.judging.fix_cell import cut_magic

NOTES_ID = "breakfix-grading"
"""The cell id of the note on the grading of the submission and on the repairs made in it."""
MAGICS = ("fix", "diagnosis")


@dataclass(frozen=True)
class _Match:
    """A submitted cell and its cell in the release; `by_magic` if only the magic line identifies it."""

    cell: Cell
    target: NotebookNode
    by_magic: bool = False

    @property
    def differs(self) -> bool:
        return self.cell.source.strip() != self.target.source.strip()


def rebuild(release: NotebookNode, raw: bytes) -> tuple[NotebookNode, list[str]]:
    """The release with the answers, outputs and extra cells of a submission, and a list of the repairs made in it.

    Args:
        release: the notebook from `breakfix build`; it is not changed.
        raw: the bytes of the submitted file.
    """
    nb = copy.deepcopy(release)
    found = salvage(raw)
    notes = list(found.notes)
    name = nb.metadata.get("breakfix", {}).get("lab", "")
    if found.lab and found.lab != name:
        notes.append(f"the notebook says that it is of {harmless(found.lab)!r}; it was graded as {name}")
    matches, extras = _matched(nb, found.cells)
    notes += _order_notes(nb, matches)
    for cell in list(nb.cells):
        mine = [m for m in matches if m.target is cell]
        if _grading(cell).get("solution"):
            extras += _take_answer(cell, mine, notes)
        elif _grade_id(cell):
            if any(m.differs or m.cell.kind != cell.cell_type for m in mine):
                notes.append(f"`{_grade_id(cell)}` was edited; the course's own cell stands here again")
        elif cell.cell_type == "code" and mine:  # an ungraded step: nothing in it is executed here, so show it as it was run
            cell.source, cell.outputs = mine[-1].cell.source, list(mine[-1].cell.outputs)
    _insert(nb, extras)
    return nb, notes


def _grading(cell: NotebookNode) -> dict[str, Any]:
    return cell.metadata.get("nbgrader", {})


def _grade_id(cell: NotebookNode) -> str:
    return str(_grading(cell).get("grade_id", ""))


def _matched(nb: NotebookNode, cells: tuple[Cell, ...]) -> tuple[list[_Match], list[tuple[NotebookNode | None, Cell]]]:
    """Submitted cells with their place in the release, and the other cells with the release's cell before them."""
    by_grade_id = {_grade_id(c): c for c in nb.cells if _grade_id(c)}
    by_cell_id = {c.id: c for c in nb.cells}
    matches: list[_Match] = []
    extras: list[tuple[NotebookNode | None, Cell]] = []
    last: NotebookNode | None = None
    for cell in cells:
        target = by_grade_id.get(cell.grade_id) or by_cell_id.get(cell.cell_id)
        magic = next((m for m in MAGICS if cut_magic(m, cell.source) is not None), "") if target is None else ""
        if target is not None:
            matches.append(_Match(cell, target))
        elif magic in by_grade_id:
            target = by_grade_id[magic]
            matches.append(_Match(cell, target, by_magic=True))
        else:
            extras.append((last, cell))
        last = target or last
    return matches, extras


def _order_notes(nb: NotebookNode, matches: list[_Match]) -> list[str]:
    there = [m.target for m in matches]
    missing = [_grade_id(c) for c in nb.cells if _grade_id(c) and not any(c is t for t in there)]
    notes = [f"missing, put back from the release: {', '.join(f'`{g}`' for g in missing)}"] if missing else []
    places = [next(i for i, c in enumerate(nb.cells) if c is t) for t in there if _grade_id(t)]
    firsts = list(dict.fromkeys(places))
    return notes + (["cells put back in their order"] if firsts != sorted(firsts) else [])


def _take_answer(
    cell: NotebookNode, matches: list[_Match], notes: list[str]
) -> list[tuple[NotebookNode | None, Cell]]:  # fmt: skip
    """Put the learner's answer into a cell of the release; returns the cells that were not chosen, to follow it."""
    if not matches:
        return []
    grade_id = _grade_id(cell)
    chosen = _chosen(grade_id, matches)
    if chosen.by_magic:
        notes.append(f"`{grade_id}` was found by its `%%{grade_id}` line alone")
    elif chosen.cell.grade_id != grade_id:
        notes.append(f"`{grade_id}` had lost its metadata and was found by its cell id")
    if len(matches) > 1:
        notes.append(f"`{grade_id}` stood {len(matches)} times; the last one that differs from the release counts")
    if chosen.differs:  # else keep the release's own text: nbgrader knows an untouched answer by its checksum
        cell.source = chosen.cell.source if cell.cell_type == "code" else harmless(chosen.cell.source)
    if cell.cell_type == "code":
        cell.outputs = list(chosen.cell.outputs)
    return [(cell, m.cell) for m in matches if m is not chosen and m.differs and m.cell.source != chosen.cell.source]


def _chosen(grade_id: str, matches: list[_Match]) -> _Match:
    """The last match that differs from the release, among the best identified matches with their magic line."""

    def rank(item: tuple[int, _Match]) -> tuple[bool, bool, bool, int]:
        place, match = item
        has_line = grade_id not in MAGICS or cut_magic(grade_id, match.cell.source) is not None
        return match.differs, has_line, not match.by_magic, place

    return max(enumerate(matches), key=rank)[1]


def _insert(nb: NotebookNode, extras: list[tuple[NotebookNode | None, Cell]]) -> None:
    """Insert the learner's own cells at their former places."""
    behind: dict[int, list[NotebookNode]] = {}
    for number, (after, cell) in enumerate(extras, 1):
        if cell.kind == "code":
            new = nbformat.v4.new_code_cell(cell.source, outputs=list(cell.outputs))
        else:
            new = nbformat.v4.new_markdown_cell(harmless(cell.source))
        new.id = f"extra-{number}"
        behind.setdefault(id(after) if after is not None else 0, []).append(new)
    cells = behind.get(0, [])
    for old in nb.cells:
        cells += [old, *behind.get(id(old), [])]
    nb.cells = cells


def notes_cell(notes: list[str]) -> NotebookNode:
    """The markdown cell with notes at the top of a graded notebook."""
    text = "**How this was graded**"
    if notes:
        text += "\n\nThe submission was repaired first:\n\n" + "\n".join(f"- {note}" for note in notes)
    cell = nbformat.v4.new_markdown_cell(text)
    cell.id = NOTES_ID
    return cell


class RebuildExporter(NotebookExporter):
    """Reads a submission and gives nbgrader the rebuilt notebook instead. Only for nbgrader's Autograde."""

    def __init__(self, config: Any = None, **kwargs: Any) -> None:
        """Prepare the course before the first submission is touched. Raises NbGraderException with one clear line."""
        super().__init__(config=config, **kwargs)
        self._releases: dict[str, NotebookNode] = {}
        if isinstance(self.parent, Autograde):
            self._releases = course.prepare(self.parent)

    def from_filename(self, filename: str, resources: Any = None, **kwargs: Any) -> Any:
        """The rebuilt submission while nbgrader sanitizes; any other notebook unchanged."""
        if resources is None or not getattr(self.parent, "_sanitizing", False):
            return super().from_filename(filename, resources=resources, **kwargs)
        file = Path(filename)
        nb, notes = rebuild(self._releases[resources["nbgrader"]["assignment"]], _read(file))
        notes = course.file_notes(file) + notes
        if notes:
            self.log.warning("%s: repaired: %s", filename, "; ".join(notes))
        nb.cells.insert(0, notes_cell(notes))
        resources["metadata"] = {"name": file.stem, "path": str(file.parent)}
        return self.from_notebook_node(nb, resources=resources, **kwargs)


def _read(file: Path) -> bytes:
    if file.resolve().parent != file.parent.resolve():
        return b""  # a link out of the submission would show another person's file on the feedback page
    with file.open("rb") as stream:
        return stream.read(MOST_BYTES + 1)
