"""The course's steps in nbgrader's pipeline: they make the release from the solution, and write verdicts into cells."""

# mypy: disable-error-code="no-untyped-call,no-any-return,misc"
# neither nbformat nor nbgrader has types

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

import nbformat
from nbformat import NotebookNode
from nbgrader import preprocessors as P
from nbgrader import utils
from nbgrader.api import Gradebook
from traitlets import Bool

import labs
from grader import private
from grader.judge import ONLY_HERE, JudgeFailed, judge
from grader.rebuild import NOTES_ID, asks, notes_cell
from grader.sandbox import UNSAFE
from labs.kit.judging.diagnosis import judge_diagnosis
from labs.kit.judging.evidence import NoRecord, own_records
from labs.kit.judging.fix_cell import cut_fix
from labs.kit.judging.runbook_cell import cut_runbook, joined
from labs.kit.model.lab import Lab
from labs.kit.model.verdict import Status, Verdict
from labs.kit.notebook.notes import card

Resources = dict[str, Any]


class ReplaceSolutions(P.NbGraderPreprocessor):
    """Replaces ClearSolutions: the release starts from the code that failed in production, and from blank forms."""

    def preprocess_cell(self, cell: NotebookNode, resources: Resources, index: int) -> tuple[NotebookNode, Resources]:
        """Put the blank that `grader.build` made into each cell that the learner fills in. Raises ValueError."""
        if utils.is_solution(cell):
            if "blank" not in cell.metadata.get("breakfix", {}):
                raise ValueError(f"the solution cell {cell.metadata.nbgrader.grade_id!r} has no blank; run `breakfix build`")
            cell.source = cell.metadata.breakfix.pop("blank")
        return cell, resources


RELEASE = (P.LockCells, ReplaceSolutions, P.ClearOutput, P.CheckCellMetadata, P.ComputeChecksums)
"""From an executed solution to the release. nbgrader adds SaveCells, which writes the gradebook and changes no cell."""


def release(solution: NotebookNode) -> NotebookNode:
    """The learners' notebook, from the solution: the result of `nbgrader generate_assignment`, 100 times faster."""
    nb = nbformat.from_dict(solution)
    for step in RELEASE:
        nb, _ = step().preprocess(nb, {})
    return nb


class Judge(P.NbGraderPreprocessor):
    """Replaces Execute: no cell of a submission runs. The repair is judged elsewhere, and the verdicts are written here."""

    unsafe_local = Bool(False, help="Judge without a sandbox: `nbgrader autograde LAB --Judge.unsafe_local=True`.").tag(
        config=True
    )

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Write a verdict into each check cell. Raises JudgeFailed, which leaves this one submission ungraded."""
        course = resources["nbgrader"]
        lab = labs.load(course["assignment"])
        seeds = private.from_environment()
        cells = {c.metadata.nbgrader.grade_id: c for c in nb.cells if "nbgrader" in c.metadata}
        try:
            verdicts = judge(
                lab.name, handed_in(lab, cells), seeds=seeds.numbers, secret=seeds.secret,
                unsafe_local=self.unsafe_local,
            )  # fmt: skip
            if "diagnosis" in cells:
                verdicts = [*verdicts, judge_answer(lab, cells["diagnosis"].source)]
        except JudgeFailed as error:
            self.log.error(
                "%s of %s is NOT GRADED: %s. Nothing is wrong with the submission; run `nbgrader autograde %s` again.",
                lab.name, course["student"], error, lab.name,
            )  # fmt: skip
            leave_ungraded(course, lab.name)
            raise
        by_name = {v.check: v for v in verdicts}
        write_verdicts(nb, _explained(by_name, asks(nb), parts(nb)))
        _tell(nb, seeds, self.unsafe_local)
        return nb, resources


def judge_answer(lab: Lab, text: str) -> Verdict:
    """The verdict on a diagnosis: only the course's own code runs for it. Raises JudgeFailed if that says nothing."""
    try:
        return judge_diagnosis(lab.diagnosis, text, partial(own_records, lab))
    except NoRecord as error:
        raise JudgeFailed(str(error)) from error


def handed_in(lab: Lab, cells: Mapping[str, NotebookNode]) -> str:
    """The text that is judged: the repair, and the runbook where one is graded."""
    source = cut_fix(cells["fix"].source)
    return joined(source, cut_runbook(cells["operator"].source)) if lab.runbook_graded else source


def _explained(verdicts: Mapping[str, Verdict], asked: Mapping[str, str], part: Mapping[str, str]) -> dict[str, Verdict]:
    """The verdicts with another message where the answer was lost: "not attempted" would be wrong."""
    lost = {name for name, v in verdicts.items() if v.status is Status.NOT_ATTEMPTED and part.get(name, "fix") in asked}
    message = "No answer was found to judge; an instructor will look at it (see the top of the page)."
    return {name: replace(v, message=message) if name in lost else v for name, v in verdicts.items()}


def parts(nb: NotebookNode) -> dict[str, str]:
    """For each check that has a cell, the grade id of the answer on which it depends."""
    found = (cell.metadata.get("breakfix", {}) for cell in nb.cells)
    return {about["check"]: _part(about) for about in found if "check" in about}


def _part(about: Mapping[str, Any]) -> str:
    """The grade id of the answer on which the check of a cell depends."""
    return "diagnosis" if about["check"] == "diagnosis" else str(about.get("part", "fix"))


def write_verdicts(nb: NotebookNode, verdicts: Mapping[str, Verdict]) -> None:
    """Make each check cell's verdict its only output: the number for nbgrader, the card for people.

    The number is between 0 and the cell's points: nbgrader gives full marks for anything that is not a number from 0 on,
    and fails on a submission with more points.
    """
    checks = [c for c in nb.cells if c.cell_type == "code" and c.metadata.get("breakfix", {}).get("role") == "check"]
    for number, cell in enumerate(checks, 1):
        verdict = verdicts[cell.metadata.breakfix.check]
        most = float(cell.metadata.nbgrader.points) if utils.is_grade(cell) else 0.0
        data = {"text/plain": repr(clamped(verdict.points, most)), "text/html": card(verdict)}
        cell.execution_count = number
        cell.outputs = [nbformat.v4.new_output("execute_result", data, execution_count=number)]
        cell.metadata.breakfix["status"] = str(verdict.status)
        if verdict.reason == ONLY_HERE:
            cell.metadata.breakfix["for_a_person"] = True


def clamped(points: float, most: float) -> float:
    """Points within 0 and `most`. Raises ValueError for anything but a number: no grade is better than a wrong one."""
    if not math.isfinite(points):
        raise ValueError(f"points are {points!r}; expected a finite number")
    return min(max(float(points), 0.0), most)


def _tell(nb: NotebookNode, seeds: private.Seeds, unsafe_local: bool) -> None:
    if not nb.cells or nb.cells[0].id != NOTES_ID:
        nb.cells.insert(0, notes_cell([]))
    nb.cells[0].source += f"\n\n{seeds.told()} A check passes if it passes on every one of them."
    if unsafe_local:
        nb.cells[0].source += f" The repair ran without a sandbox ({UNSAFE})."


def leave_ungraded(course: Mapping[str, Any], lab: str) -> None:
    """Mark every automatic grade of a submission as not given yet: an old grade would belong to an older submission."""
    with Gradebook(course["db_url"]) as book:
        notebook = book.find_submission_notebook(lab, lab, course["student"])
        for grade in notebook.grades:
            if grade.cell.cell_type == "code":
                grade.auto_score = None
                grade.needs_manual_grade = True
        book.db.commit()


class SaveGrades(P.SaveAutoGrades):
    """SaveAutoGrades that asks for manual grading if an answer was lost, is not supported, or makes the judge fail."""

    def preprocess(self, nb: NotebookNode, resources: Resources) -> tuple[NotebookNode, Resources]:
        """Save the grades of a notebook."""
        self._asked = asks(nb)
        return super().preprocess(nb, resources)

    def _add_score(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_score(cell, resources)
        ours = cell.metadata.get("breakfix", {})
        part = _part(ours) if "check" in ours else cell.metadata.nbgrader.grade_id
        if part in self._asked or ours.get("status") == Status.UNSUPPORTED or ours.get("for_a_person"):
            self._find(self.gradebook.find_grade, cell).needs_manual_grade = True
            self.gradebook.db.commit()

    def _add_comment(self, cell: NotebookNode, resources: Resources) -> None:
        super()._add_comment(cell, resources)
        why = self._asked.get(cell.metadata.nbgrader.grade_id)
        if why:
            self._find(self.gradebook.find_comment, cell).auto_comment = f"An instructor will look at this: {why}."
            self.gradebook.db.commit()

    def _find(self, find: Callable[..., Any], cell: NotebookNode) -> Any:
        return find(cell.metadata.nbgrader.grade_id, self.notebook_id, self.assignment_id, self.student_id)
