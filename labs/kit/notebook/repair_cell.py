"""The repair cell of one open notebook: its text, its problems, and its earlier versions."""

from __future__ import annotations

import difflib
import importlib.util
import re
from pathlib import Path

from labs.kit.judging.evaluate import attempted, same_code
from labs.kit.judging.fix_cell import Problem, names_called, problems, with_magic_line
from labs.kit.judging.runbook_cell import joined, parted
from labs.kit.model.lab import BROKEN, YOURS, Fix, Lab
from labs.kit.notebook import notes
from labs.kit.notebook.notes import Note
from labs.kit.notebook.workspace import WorkFolderError, Workspace


def shipped(lab: Lab, name: str) -> Fix:
    """A repair that ships with the lab, with the line numbers of the cell. Raises UnknownName."""
    return Fix(name, with_magic_line(lab.fix(name).source))


def quoted(told: str, source: str) -> str:
    """A message that names a line, as fix.py:12, with the text of the first one at its end."""
    found, lines = re.search(r"fix\.py:(\d{1,6})", told), source.splitlines()
    text = lines[int(found[1]) - 1].strip() if found and 0 < int(found[1]) <= len(lines) else ""
    return f"{told}  >> {text}" if text and text not in told else told


def no_such_repair(lab: Lab, name: object) -> str:
    """That there is no such repair, with the nearest names; none of a right one, whose name would tell its design."""
    known = [YOURS, *(known for known in lab.fix_names() if not known.startswith("right_"))]
    close = difflib.get_close_matches(str(name), known, n=2)
    meant = f" Did you mean {' or '.join(map(repr, close))}?" if close else ""
    return (
        f"there is no repair {name!r}.{meant} There is {YOURS!r}, which is yours, {BROKEN!r}, and those in the lab's fixes/"
    )


class RepairCell:
    """The text of the last `%%fix` cell. `source` is None until such a cell ran in this session.

    Where a runbook is graded, it is judged as a part of the repair: `runbook` is the text of the last `%%runbook` cell, and
    the given one until such a cell ran.
    """

    def __init__(self, lab: Lab, workspace: Workspace) -> None:
        self.lab = lab
        self.workspace = workspace
        self.broken_source, self.runbook = with_magic_line(lab.fix(BROKEN).source), ""
        if lab.runbook_graded:
            self.broken_source, self.runbook = parted(self.broken_source)
        self.begun = False
        """Did a cell run in this session?"""
        self.called = _called(lab)
        self.source: str | None = None
        self.problems: list[Problem] = []

    @property
    def fix(self) -> Fix:
        """The repair to run: the cell's, or the broken code if there is none yet."""
        return Fix(YOURS, self.judged) if self.begun else shipped(self.lab, BROKEN)

    @property
    def judged(self) -> str:
        """The text that is judged: the repair, and the runbook if one is graded."""
        source = self.broken_source if self.source is None else self.source
        return joined(source, self.runbook) if self.lab.runbook_graded else source

    def part(self, judged: str, part: str) -> Fix:
        """What the checks of one part judge in such a text: all of it; or the repair alone, or its runbook."""
        if not self.lab.runbook_graded:
            return Fix(YOURS, judged)
        source, runbook = parted(judged)
        return Fix(YOURS, joined("", runbook) if part else source)

    @property
    def attempted(self) -> bool:
        """Is the repair a different program from the broken code?"""
        return self.begun and attempted(self.lab, self.judged)

    @property
    def blocked(self) -> bool:
        """Is the repair unable to run at all?"""
        return any(p.blocks for p in self.problems)

    def told(self) -> tuple[str, ...]:
        """The problems as lines such as "fix.py:12: ..."."""
        told = (f"fix.py:{p.line}: {p.message}" if p.line else f"fix.py: {p.message}" for p in self.problems)
        return tuple(quoted(each, self.source or "") for each in told)

    def adopt(self, source: str) -> Note:
        """Make `source` the current repair: save it, check it, and return a note for the learner. Does not raise."""
        self.source, self.begun = source, True
        self.problems = problems(source, self.broken_source, _notebook_names(), self.called)
        differs = f"differs from the broken code: {'yes' if self.attempted else 'no'}."
        if same_code(source, ""):
            differs = "holds no code. `%%fix reset` as its first line brings the broken code back."
        kind = "good" if self.attempted else "info"
        try:
            self.workspace.save_fix(self.judged)
            saved = f"Saved as fix.py, {len(source.splitlines())} lines; {differs}"
        except WorkFolderError as error:
            saved, kind = f"Runs and checks use this cell, but it was not saved: {error}; it {differs}", "warn"
        if self.blocked:
            return Note((saved, "It cannot run yet. Runs and checks wait until this is put right:"), "bad", self.told())
        if self.problems:
            return Note((saved, "Have a look at this first:"), "warn", self.told())
        return Note((saved,), kind)

    def adopt_runbook(self, text: str) -> None:
        """Make `text` the runbook that is judged, and save it with the repair. Raises WorkFolderError."""
        self.runbook, self.begun = text, True
        self.workspace.save_fix(self.judged)

    def history(self, points: dict[str, float]) -> Note:
        """The versions of the repair; `points` has the points of judged versions by the SHA-256 of their source."""
        versions = self.workspace.versions()
        if not versions:
            return Note(("No repair saved yet: each version is kept once you run the %%fix cell.",))
        rows = [("version", "lines", "against the broken code", "points", "")]
        for v in versions:
            sha = Fix(YOURS, v.source).sha
            earned = f"{points[sha]:g}" if sha in points else "not checked"
            now = "current" if self.begun and v.source == self.judged else ""
            rows.append(
                (str(v.number), str(len(v.source.splitlines())), _changes(self.broken_source, v.source), earned, now)
            )
        return Note(("Versions of your repair, the oldest first. lab.restore(N) brings one back.",), table=tuple(rows))


def _called(lab: Lab) -> frozenset[str] | None:
    """The names in the services that run the repair; None if their source is not available."""
    sources = []
    for module in {service.app.split(":")[0] for service in lab.services if service.runs_fix}:
        try:
            spec = importlib.util.find_spec(module)
        except (ImportError, ValueError):
            return None
        if spec is None or not spec.origin or not spec.origin.endswith(".py"):
            return None
        sources.append(Path(spec.origin).read_text(encoding="utf-8"))
    return names_called(sources) if sources else None


def _changes(old: str, new: str) -> str:
    lines = list(difflib.ndiff(old.splitlines(), new.splitlines()))
    return f"+{sum(line.startswith('+ ') for line in lines)} -{sum(line.startswith('- ') for line in lines)} lines"


def _notebook_names() -> list[str]:
    """The names that the learner defined in the notebook."""
    shell = notes.shell()
    hidden = getattr(shell, "user_ns_hidden", {})
    return [name for name in getattr(shell, "user_ns", {}) if not name.startswith("_") and name not in hidden]
