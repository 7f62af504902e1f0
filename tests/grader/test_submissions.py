"""Fifty kinds of submission, each to its points: rebuilt, judged by a stand-in, graded."""

from __future__ import annotations

import json
from typing import Any

import nbformat
import pytest
from nbgrader.utils import determine_grade

from grader import preprocessors
from grader.rebuild import asks, rebuild
from tests.grader.conftest import NAME, Course
from tests.grader.odd import ODD, Odd

CELLS = ("check_bounded", "check_useful", "check_diagnosis")


pytestmark = pytest.mark.usefixtures("judge_here")


def as_bytes(submission: Any) -> bytes:
    """What is in the file."""
    if isinstance(submission, bytes):
        return submission
    return (submission if isinstance(submission, str) else json.dumps(submission)).encode("utf-8", "surrogatepass")


@pytest.mark.parametrize("odd", ODD, ids=lambda odd: odd.name)
def test_each_submission_earns_what_its_repair_is_worth(course: Course, odd: Odd) -> None:
    """Whatever was done to the file, the learner's parts are found and judged, and the file can be written."""
    release = nbformat.reads(json.dumps(course.release), as_version=4)
    nb, notes = rebuild(release, as_bytes(odd.make(course.release)))
    nb, _ = preprocessors.Judge().preprocess(nb, {"nbgrader": {"assignment": NAME, "student": "x"}})
    nbformat.validate(nb)
    nbformat.writes(nb).encode("utf-8")
    cells = {c.id: c for c in nb.cells}
    assert tuple(determine_grade(cells[c])[0] for c in CELLS) == odd.earns
    told = [*notes, *asks(nb).values()]
    for piece in odd.told:
        assert any(piece in line for line in told), told
    if not odd.told and odd.name not in ("longer than a book", "check cell twice"):
        assert notes == []


def test_a_batch_of_all_of_them_reaches_the_gradebook(course: Course) -> None:
    """nbgrader grades all of them in one run; none stops the others; a runbook, and what was lost, wait for a person."""
    for odd in ODD:
        file = course.submit(odd.name, "")
        file.write_bytes(as_bytes(odd.make(course.release)))
    course.autograde()
    found = {student: tuple(cells[c] for c in CELLS) for student, cells in course.scores().items()}
    assert found == {odd.name: odd.earns for odd in ODD}
    with course.gradebook() as book:
        waiting = {s.student.id for s in book.assignment_submissions(NAME) if s.needs_manual_grade}
    assert waiting == {odd.name for odd in ODD if odd.waits}
