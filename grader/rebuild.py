"""Turns a submission, however damaged, into the release with the learner's parts in it.

A learner's changes to locked cells, points, metadata or the order of cells cannot reach the gradebook, because none of them
is taken over. A cell is identified by its grade id, then by its cell id, then by its `%%fix`, `%%diagnosis` or `%%runbook`
line.
"""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import copy
import re
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import nbformat
from nbconvert.exporters import NotebookExporter
from nbformat import NotebookNode
from nbgrader.converters import Autograde

from grader import course
from grader.markdown import shown
from grader.matching import MAGICS, Match, Own, grade_id, grading, matched
from grader.mending import MOST_READ, has_marker
from grader.salvage import MOST_SOURCE, Cell, Salvaged, as_code, salvage
from labs.kit.model.runbook import FENCE

NOTES_ID = "breakfix-grading"
"""The cell id of the note that tells how the submission was graded and what was repaired in it."""
MOST_NOTES = 30
"""The largest number of repairs that the note lists."""
LEAST_TEXT = 40
"""The least length of a learner's own text that may be a misplaced runbook entry, in characters."""
PARTS = {
    "fix": "the repair", "diagnosis": "the diagnosis", "runbook": "the runbook", "operator": "the runbook that is played",
}  # fmt: skip
AGAIN = {
    "fix": "write it under a line `%%fix` and hand in again",
    "diagnosis": "write it under a line `%%diagnosis` and hand in again",
    "runbook": "write it in the runbook's own cell and hand in again",
    "operator": "write it under a line `%%runbook` and hand in again",
}
WHOLE = "hand in the whole file again, as JupyterLab saves it"
_BOUND = re.compile(r"^(?:async\s+def|def|class)\s+(\w+)|^(\w+)\s*(?::[^=\n]+)?=(?!=)", re.MULTILINE)
_KEY = re.compile(r"""["'](\w+)["']\s*:""")


def rebuild(release: NotebookNode, raw: bytes, unread: Sequence[str] = ()) -> tuple[NotebookNode, list[str]]:
    """The release with the answers, outputs and extra cells of a submission, and a list of what had to be repaired.

    `asks` returns the parts of the rebuilt notebook that need manual grading, because a zero could be unjust.

    Args:
        release: the notebook from `breakfix build`; it is not changed.
        raw: the bytes of the submitted file.
        unread: the names of other notebooks in the submission, which may contain what is missing in this one.
    """
    nb = copy.deepcopy(release)
    found = salvage(raw)
    notes = list(found.notes)
    name = nb.metadata.get("breakfix", {}).get("lab", "")
    matches, own = matched(nb, found.cells)
    strange = bool(found.lab and found.lab != name) and not _mostly_there(nb, matches)
    if strange:
        matches, own = [], [Own(None, cell) for cell in found.cells]
    elif found.lab and found.lab != name:
        notes.append(f"the notebook says that it is of {as_code(found.lab)}; it was graded as {name}")
    if found.cells and not strange:
        notes += _order_notes(nb, matches)
    theirs, also_own = ([], []) if strange else matched(nb, found.theirs)
    own += [mine for mine in also_own if mine.cell.source not in {cell.source for cell in found.cells}]
    asked = _asked(nb, found, matches, theirs, own, unread)
    if strange:
        why = f"this is a notebook of {as_code(found.lab)}, not of {name}, and was not judged; hand in {name}.ipynb"
        asked = dict.fromkeys(asked, why)
    for cell in list(nb.cells):
        mine = [m for m in matches if m.target is cell]
        if grading(cell).get("solution"):
            own += _take_answer(cell, mine, [m for m in theirs if m.target is cell], notes)
        elif grade_id(cell):
            own += _put_back(cell, mine, notes)
        elif mine:
            own += _take_step(cell, mine, notes)
    _insert(nb, own, notes)
    nb.metadata.setdefault("breakfix", {})["asks"] = {part: why for part, why in asked.items() if why}
    told = " ".join(asked.values())
    return nb, [note for note in dict.fromkeys(notes) if note not in told]


def asks(rebuilt: NotebookNode) -> dict[str, str]:
    """The answers that need manual grading: the grade id of each, and the reason, in one line for the learner."""
    return dict(rebuilt.metadata.get("breakfix", {}).get("asks", {}))


def _mostly_there(nb: NotebookNode, matches: list[Match]) -> bool:
    """Whether the submission contains at least half of the lab's own cells unchanged. Answers do not identify a lab."""
    course_cells = [c for c in nb.cells if not grading(c).get("solution")]
    there = [c for c in course_cells if any(m.target is c and not m.differs for m in matches)]
    return 2 * len(there) >= len(course_cells)


def _order_notes(nb: NotebookNode, matches: list[Match]) -> list[str]:
    there = [m.target for m in matches]
    missing = [grade_id(c) for c in nb.cells if grade_id(c) and not any(c is t for t in there)]
    notes = [f"missing, put back from the release: {', '.join(f'`{g}`' for g in missing)}"] if missing else []
    places = [next(i for i, c in enumerate(nb.cells) if c is t) for t in there if grade_id(t)]
    firsts = list(dict.fromkeys(places))
    return notes + (["cells put back in their order"] if firsts != sorted(firsts) else [])


# One cell of the release -----------------------------------------------------------------------------------------------


def _take_answer(cell: NotebookNode, matches: list[Match], theirs: list[Match], notes: list[str]) -> list[Own]:
    """Put the learner's answer into a cell of the release; returns the cells that were not chosen, to follow it."""
    name = grade_id(cell)
    if not matches and not theirs:
        return []
    chosen = _taken(matches, theirs)
    if matches and any(chosen is m for m in theirs):
        notes.append(f"`{name}` was taken from the second side of the merge conflict, because the first has no answer")
    if chosen.by == "line":
        notes.append(f"`{name}` was found by its `%%{MAGICS[name]}` line alone")
    elif chosen.by == "text":
        notes.append(f"`{name}` had lost its metadata and was found by its text")
    elif chosen.by == "cell id":
        notes.append(f"`{name}` had lost its metadata and was found by its cell id")
    if len(matches) > 1:
        notes.append(f"`{name}` stood {len(matches)} times; the last one that differs from the release counts")
    if chosen.differs and (chosen.cell.source or chosen.cell.whole):  # otherwise keep the release's text, because
        _fill(cell, chosen.cell, notes)  # nbgrader recognizes an untouched answer by its checksum
    elif cell.cell_type == "code":
        cell.outputs = list(chosen.cell.outputs)
    rest = {m.cell.source: m for m in [*matches, *theirs] if m.differs and m.cell.source != chosen.cell.source}
    return [Own(cell, m.cell) for m in rest.values()]


def _taken(matches: list[Match], theirs: list[Match]) -> Match:
    """The match that counts from both sides of a merge conflict: the first side, unless it has no answer."""
    ours, other = _chosen(matches or theirs), _chosen(theirs or matches)
    return other if other.answers and not ours.answers else ours


def _chosen(matches: list[Match]) -> Match:
    """The match that counts: as in the notebook the last one with its magic line, but only among the answers."""
    with_line = [m for m in matches if grade_id(m.target) not in MAGICS or m.has_line]
    for some in (with_line, matches):
        for match in reversed(some):
            if match.answers:
                return match
    return max(enumerate(matches), key=lambda item: (item[1].has_line, item[1].differs, item[0]))[1]


def _fill(cell: NotebookNode, mine: Cell, notes: list[str]) -> None:
    if cell.cell_type == "code":
        cell.source, cell.outputs = mine.source, list(mine.outputs)
        return
    safe = shown(mine.source, mine.pictures)
    notes += safe.notes
    cell.source = safe.text
    if safe.attachments:
        cell.attachments = nbformat.from_dict(safe.attachments)


def _put_back(cell: NotebookNode, matches: list[Match], notes: list[str]) -> list[Own]:
    """Keep a locked cell as released; returns the learner's versions of it, to follow it."""
    if any(m.differs or m.cell.kind != cell.cell_type for m in matches):
        notes.append(f"`{grade_id(cell)}` was edited; the course's own cell stands here again")
    return [Own(cell, m.cell) for m in matches if m.differs and m.cell.source.strip()]


def _take_step(cell: NotebookNode, matches: list[Match], notes: list[str]) -> list[Own]:
    """Show an ungraded cell as the learner left it; it is not executed."""
    last = matches[-1]
    if cell.cell_type == "code" or last.differs:
        _fill(cell, last.cell, notes)
    return [Own(cell, m.cell) for m in matches[:-1] if m.differs and m.cell.source != last.cell.source]


def _insert(nb: NotebookNode, own: list[Own], notes: list[str]) -> None:
    """Insert the learner's own cells at their former places."""
    behind: dict[int, list[NotebookNode]] = {}
    shown_cells = [mine for mine in own if mine.cell.source.strip() or mine.cell.outputs]
    for number, mine in enumerate(shown_cells, 1):
        new = nbformat.v4.new_code_cell() if mine.cell.kind == "code" else nbformat.v4.new_markdown_cell()
        _fill(new, mine.cell, notes)
        new.id = f"extra-{number}"
        behind.setdefault(id(mine.behind) if mine.behind is not None else 0, []).append(new)
    cells = behind.get(0, [])
    for old in nb.cells:
        cells += [old, *behind.get(id(old), [])]
    nb.cells = cells


# Reasons for manual grading ---------------------------------------------------------------------------------------------


def _asked(
    nb: NotebookNode, found: Salvaged, matches: list[Match], theirs: list[Match], own: list[Own], unread: Sequence[str]
) -> dict[str, str]:  # fmt: skip
    """Each answer that earns points, and the reason for manual grading, or ""."""
    elsewhere = [*((mine.cell.kind, mine.cell.source) for mine in own), *map(_written, matches)]
    asked: dict[str, str] = {}
    for cell in nb.cells:
        if grade_id(cell) in MAGICS or (grading(cell).get("grade") and grading(cell).get("solution")):
            mine, other = ([m for m in some if m.target is cell] for some in (matches, theirs))
            asked[grade_id(cell)] = _asks(cell, mine, other, found) or _untaken(cell, mine, elsewhere, unread)
    return asked


def _asks(cell: NotebookNode, matches: list[Match], theirs: list[Match], found: Salvaged) -> str:
    """How this answer was lost, and what the learner can do."""
    name = grade_id(cell)
    part, again = PARTS.get(name, f"`{name}`"), AGAIN.get(name, WHOLE)
    if not found.cells:
        return f"nothing could be read: {found.notes[-1]}; {WHOLE}"
    if not matches and not theirs:
        return f"{part} is missing: the file has no cell for it; {again if found.whole else WHOLE}"
    mine = _taken(matches, theirs)
    if theirs and matches and _differ(_chosen(matches), _chosen(theirs)):
        return f"the two sides of a merge conflict differ in {part}; the first was used; keep one side and hand in again"
    if has_marker(mine.cell.source):
        return f"{part} contains lines of a merge conflict (`<<<<<<<`); keep one side and hand in again"
    if len(mine.cell.source) >= MOST_SOURCE:
        return f"{part} has more than {MOST_SOURCE:,} characters; the rest was not read; shorten it and hand in again"
    if not mine.cell.whole:
        return f"part of {part} could not be read; {WHOLE}"
    if not mine.answers and not found.whole:
        return f"part of the file could not be read, and {part} is unchanged in the rest; {WHOLE}"
    return ""


def _differ(mine: Match, other: Match) -> bool:
    return mine.answers and other.answers and mine.cell.source.strip() != other.cell.source.strip()


def _untaken(
    cell: NotebookNode, matches: list[Match], elsewhere: list[tuple[str, str]], unread: Sequence[str]
) -> str:  # fmt: skip
    """The reason for manual grading if an answer is missing, but another cell or another file may contain it."""
    name = grade_id(cell)
    part = PARTS.get(name, f"`{name}`")
    if any(m.answers for m in matches):
        return ""
    if any(_looks_like(cell, kind, text) for kind, text in elsewhere):
        return f"{part} is unchanged, but another cell may contain it; {AGAIN.get(name, WHOLE)}"
    if unread:
        return f"{part} is unchanged, and {as_code(unread[0])} was not read; hand in one notebook only"
    return ""


def _written(match: Match) -> tuple[str, str]:
    """The kind of a matched cell, and the lines that the learner added to it; "" for answers."""
    if grading(match.target).get("solution"):
        return "", ""
    released = {line.strip() for line in match.target.source.splitlines()}
    lines = (line for line in match.cell.source.splitlines() if line.strip() not in released)
    return match.cell.kind, "\n".join(lines)


def _looks_like(cell: NotebookNode, kind: str, text: str) -> bool:
    if grade_id(cell) == "fix":
        return kind == "code" and not _bound(cell.source).isdisjoint(_bound(text))
    if grade_id(cell) == "diagnosis":
        return not set(_KEY.findall(cell.source)).isdisjoint(_KEY.findall(text))
    if grade_id(cell) == "operator":
        return FENCE in text
    return kind == "markdown" and len(text.strip()) >= LEAST_TEXT


def _bound(source: str) -> set[str]:
    """The names that the source defines at its top level."""
    return {function or name for function, name in _BOUND.findall(source)}


def notes_cell(notes: list[str], asked: Mapping[str, str] | None = None) -> NotebookNode:
    """The markdown cell with notes at the top of a graded notebook: reasons for manual grading, and repairs."""
    lines = list(dict.fromkeys((asked or {}).values()))
    repaired = list(notes)
    if len(repaired) > MOST_NOTES:
        repaired[MOST_NOTES:] = [f"and {len(repaired) - MOST_NOTES} more"]
    text = "**How this was graded**"
    if lines:
        text += "\n\nAn instructor will look at this before the grade is final:\n\n" + _list(lines)
    if repaired:
        text += "\n\nThe submission was repaired first:\n\n" + _list(repaired)
    cell = nbformat.v4.new_markdown_cell(text)
    cell.id = NOTES_ID
    return cell


def _list(lines: list[str]) -> str:
    return "\n".join(f"- {line}" for line in lines)


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
        raw, unread = _read(file)
        beside = course.others(file)
        nb, notes = rebuild(self._releases[resources["nbgrader"]["assignment"]], raw, beside)
        asked = asks(nb)
        notes = course.file_notes(file, beside) + unread + notes
        if notes:
            self.log.warning("%s: repaired: %s", filename, "; ".join(notes))
        for why in dict.fromkeys(asked.values()):
            self.log.warning("%s: NEEDS MANUAL GRADING: %s", filename, why)
        nb.cells.insert(0, notes_cell(notes, asked))
        resources["metadata"] = {"name": file.stem, "path": str(file.parent)}
        return self.from_notebook_node(nb, resources=resources, **kwargs)


def _read(file: Path) -> tuple[bytes, list[str]]:
    """The content of a file, and a note if it cannot be read."""
    try:
        if file.resolve().parent != file.parent.resolve():
            # the target may be another person's file, which would be shown on the feedback page
            return b"", ["the file is a link to a place outside the submission; it was not read"]
        with file.open("rb") as stream:
            return stream.read(MOST_READ + 1), []
    except (OSError, RuntimeError) as error:  # a link to itself raises RuntimeError
        return b"", [f"the file cannot be opened ({getattr(error, 'strerror', None) or error})"]
