"""`%%fix`, `%%diagnosis` and `%%runbook`: cells whose text is the learner's repair, answer and runbook. None ever raises.

Python cannot edit any cell of a notebook. JupyterLab allows two things, as tried in a browser: to put text into a new cell
below the running one, and to replace the text of the running cell. So there are two ways back to an earlier repair:
`lab.restore(3)` and `lab.reset()` make a new cell, to be copied; `%%fix restore 3` and `%%fix reset`, as the first line
of the repair cell, fill that cell itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

from labs.kit.judging import diagnosis as answers
from labs.kit.judging.fix_cell import as_cell, with_magic_line
from labs.kit.judging.runbook_cell import alone
from labs.kit.model.lab import YOURS, Fix
from labs.kit.notebook import first_cell, notes, runbooks
from labs.kit.notebook.checking import DIAGNOSIS_FILE, KNOWN_NOW, RUNBOOK_FILE, WHEN_KNOWN
from labs.kit.notebook.handle import Handle
from labs.kit.notebook.notes import Note
from labs.kit.notebook.workspace import NoSuchVersion, WorkFolderError, write_atomic

OPTIONS = "`%%fix` alone, `%%fix reset` (the broken code again), `%%fix restore N` (version N of your repair)"


def register(learner: Handle) -> None:
    """Connect `%%fix`, `%%diagnosis` and `%%runbook` cells to this lab; they belong to the lab opened last."""
    shell = notes.shell()
    if shell is None:
        return
    first_cell.install(shell)
    for name, magic in (("fix", fix), ("diagnosis", diagnosis), ("runbook", runbook)):
        shell.register_magic_function(_bound(magic, learner), "cell", name)
    if whole_cell not in shell.input_transformers_cleanup:
        shell.input_transformers_cleanup.append(whole_cell)


_ABOVE = "# not part of the repair, lines above: "


def whole_cell(lines: list[str]) -> list[str]:
    """Let a cell with one of the magics reach its magic in cases for which IPython alone would raise.

    IPython needs the magic on the first line and some text below it. The grader accepts the magic on any line, and an empty
    text as an answer; so does this function.
    """
    at = next((i for i, line in enumerate(lines) if re.match(r"\s*%%(fix|diagnosis|runbook)(?![\w.])", line)), None)
    if at is None or (at and lines[0].startswith("%%")):  # the text of another magic
        return lines
    if at:
        lines = [f"{lines[at].strip()}  {_ABOVE}{at}\n", *lines[at + 1 :]]
    return lines if len(lines) > 1 else [lines[0].rstrip("\n") + "\n", "\n"]


def _bound(magic: Callable[[Handle, str, str], None], learner: Handle) -> Callable[[str, str], None]:
    def cell_magic(line: str, cell: str) -> None:
        magic(learner, line, cell)

    cell_magic.__doc__ = magic.__doc__
    return cell_magic


def fix(learner: Handle, line: str, cell: str) -> None:
    """The cell below this line is the repair: it is saved as fix.py and checked at once.

    `%%fix reset` puts the broken code into the cell, `%%fix restore 3` version 3; the old text is kept in the history.
    """
    words = line.split("#")[0].split()
    note = learner.cell.adopt(with_magic_line(cell))
    if _ABOVE in line:
        told = "What stands above the %%fix line is no part of the repair, here or for the grader; lines count from it."
        note = replace(note, lines=(*note.lines, told), kind="warn" if note.kind == "good" else note.kind)
    if not words:
        notes.show(note)
    elif words == ["reset"]:
        _fill_this_cell(learner, learner.cell.broken_source, "The broken code is back in this cell.")
    elif len(words) == 2 and words[0] == "restore" and words[1].isdecimal():
        try:
            version = learner.workspace.version(int(words[1]))
        except NoSuchVersion as error:
            notes.show(Note((f"Nothing restored: {error}.", *note.lines), "warn", note.listed))
        else:
            source = alone(learner.lab, Fix(YOURS, version.source)).source
            _fill_this_cell(learner, source, f"Version {version.number} is back in this cell.")
    else:
        notes.show(Note((f"`%%fix {' '.join(words)}` is not known. There is {OPTIONS}.", *note.lines), "warn", note.listed))


def _fill_this_cell(learner: Handle, source: str, done: str) -> None:
    note = learner.cell.adopt(source)
    notes.shell().set_next_input(as_cell(source), replace=True)
    kept = "What stood here before is kept: see lab.history()."
    notes.show(Note((done, kept, *note.lines), note.kind, note.listed))


def diagnosis(learner: Handle, line: str, cell: str) -> None:
    """The cell below this line is the diagnosis, a dict. Its form is checked at once, its content later."""
    learner.take_diagnosis(cell)
    asked = learner.lab.diagnosis
    try:
        write_atomic(learner.workspace.hidden / DIAGNOSIS_FILE, cell)
        noted = "Noted"
    except WorkFolderError as error:
        noted = f"Noted for this session, but not saved ({error})"
    if wrong := answers.form(asked, cell):
        notes.show(Note((f"{noted}, but the form is not right yet:",), "bad", tuple(wrong)))
    elif missing := answers.unanswered(asked, cell):
        notes.show(Note((f"{noted}. Not answered yet: {', '.join(missing)}.",)))
    else:
        told = KNOWN_NOW if learner.state().attempts else WHEN_KNOWN
        notes.show(Note((f"{noted}; the form is right. {told}",), "good"))


def runbook(learner: Handle, line: str, cell: str) -> None:
    """The cell below this line is a runbook: it is kept for `lab.runbook()`, and its form is checked at once."""
    note = runbooks.looked_at(learner.lab, cell)
    try:
        learner.take_runbook(cell)
        write_atomic(learner.workspace.hidden / RUNBOOK_FILE, cell)
    except WorkFolderError as error:
        note = replace(note, lines=(*note.lines, f"It is noted for this session, but not saved ({error})."))
    notes.show(note)
