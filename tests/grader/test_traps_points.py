"""Traps of nbgrader's arithmetic: what it takes for full marks, for nothing, or for the end of the batch."""

from __future__ import annotations

import copy
import json
import math
from typing import Any

import nbformat
import pytest
from nbgrader.utils import determine_grade

from grader.preprocessors import Judge, clamped, write_verdicts
from grader.rebuild import rebuild
from labs.kit.judging.diagnosis import judge_diagnosis, literal
from labs.kit.model.verdict import Status, Verdict
from tests.grader.conftest import ANSWER, NAME, RIGHT, Course
from tests.grader.odd import cell, filled

pytestmark = pytest.mark.usefixtures("judge_here")


def verdict(points: float, check: str = "bounded") -> Verdict:
    """A verdict worth that much."""
    return Verdict(check, Status.PASS, points, 4, 1, 1, "", "", "")


def check_cell(output: dict[str, Any] | None) -> nbformat.NotebookNode:
    """A graded cell of 4 points as nbgrader sees it, with one output."""
    grading = {"grade": True, "solution": False, "locked": True, "points": 4, "grade_id": "c", "schema_version": 3}
    made = {"cell_type": "code", "metadata": {"nbgrader": grading}, "source": "x", "outputs": [output] if output else []}
    return nbformat.from_dict(made)


def result(text: str) -> dict[str, Any]:
    """What a cell evaluated to."""
    return {"output_type": "execute_result", "data": {"text/plain": text}, "metadata": {}, "execution_count": 1}


def test_nbgrader_does_what_these_tests_guard_against() -> None:
    """No output, -1, nan, True and a text are full marks to it; stderr is nothing; too much raises."""
    for output in (None, result("-1"), result("nan"), result("True"), result("'well done'")):
        points, _ = determine_grade(check_cell(output))
        assert points == 4
    assert determine_grade(check_cell({"output_type": "stream", "name": "stderr", "text": "x"}))[0] == 0
    with pytest.raises(ValueError, match="greater than maximum"):
        determine_grade(check_cell(result("4.5")))


@pytest.mark.parametrize(
    ("given", "most", "kept"), [(-1, 4, 0), (0, 4, 0), (2.5, 4, 2.5), (4.0001, 4, 4), (9, 4, 4), (1, 0, 0)]
)
def test_points_are_clamped_to_what_the_cell_is_worth(given: float, most: float, kept: float) -> None:
    """Below zero is zero, above the maximum is the maximum."""
    assert clamped(given, most) == kept


@pytest.mark.parametrize("given", [math.nan, math.inf, -math.inf])
def test_points_that_are_no_number_raise(given: float) -> None:
    """Better no grade than a free one."""
    with pytest.raises(ValueError, match="expected a finite number"):
        clamped(given, 4)


@pytest.mark.parametrize("points", [0, 1 / 3, 2 / 3, 4, -1, 17, 3.9999999])
def test_nbgrader_reads_the_very_number_that_was_written(course: Course, points: float) -> None:
    """No digit is lost on the way through text, so that no rounding lifts points above the maximum."""
    nb = nbformat.reads(json.dumps(course.release), as_version=4)
    names = ("bounded", "useful", "whole", "diagnosis")
    write_verdicts(nb, {name: verdict(points, name) for name in names})
    graded = next(c for c in nb.cells if c.id == "check_bounded")
    assert determine_grade(graded)[0] == min(max(points, 0), 4)


STORED = [
    [result("4")],
    [result("-1")],
    [result("'full marks'")],
    [result("1e9")],
    [{"output_type": "stream", "name": "stderr", "text": "x"}],
    [{"output_type": "error", "ename": "E", "evalue": "", "traceback": []}],
    [],
]


@pytest.mark.parametrize("outputs", STORED)
def test_what_a_submission_stores_in_a_check_cell_counts_for_nothing(course: Course, outputs: list[dict[str, Any]]) -> None:
    """Neither for the learner nor against: the cell's one output is the judge's."""
    nb = copy.deepcopy(course.release)
    cell(nb, "check_bounded")["outputs"] = outputs
    rebuilt, _ = rebuild(nbformat.reads(json.dumps(course.release), as_version=4), json.dumps(nb).encode())
    rebuilt, _ = Judge().preprocess(rebuilt, {"nbgrader": {"assignment": NAME, "student": "x"}})
    graded = next(c for c in rebuilt.cells if c.id == "check_bounded")
    assert determine_grade(graded)[0] == 0
    assert [o.output_type for o in graded.outputs] == ["execute_result"]


def test_a_repair_that_writes_to_stderr_keeps_its_points(course: Course) -> None:
    """Logging to stderr is what services do; through nbgrader it costs nothing."""
    noisy = f"%%fix\nimport sys\nprint('noise', file=sys.stderr)\n{RIGHT}"
    nb = filled(course.release, noisy)
    cell(nb, "fix")["outputs"] = [{"output_type": "stream", "name": "stderr", "text": "noise"}]
    course.submit("noisy", nb)
    course.autograde()
    assert course.scores()["noisy"] == {"check_bounded": 4, "check_useful": 2.5, "check_diagnosis": 1}


@pytest.mark.parametrize("answer", ['{"line": 3+3, "cause": "no bound"}', '{"line": int("6"), "cause": "no bound"}'])
def test_an_answer_that_must_be_computed_counts_for_neither_side(course: Course, answer: str) -> None:
    """Learner's side and grader's side share one parser, so that no answer passes on one and not on the other."""
    from labs import load
    from labs.kit.judging import diagnosis as answers

    diagnosis = load(NAME).diagnosis
    assert answers.form(diagnosis, answer) != []
    nb = filled(course.release, diagnosis="%%diagnosis\n" + answer)
    course.submit("computed", nb)
    course.submit("literal", filled(course.release, diagnosis=ANSWER))
    course.autograde()
    scores = course.scores()
    assert (scores["computed"]["check_diagnosis"], scores["literal"]["check_diagnosis"]) == (0, 1)
    assert judge_diagnosis(diagnosis, answer).points == 0


def test_an_answer_is_never_executed(course: Course) -> None:
    """A diagnosis that would touch a file when run leaves none."""
    trace = course.root / "touched"
    with pytest.raises(ValueError, match="would have to be computed"):
        literal(f"open({str(trace)!r}, 'w')")
    course.submit("code", filled(course.release, diagnosis=f"%%diagnosis\nopen({str(trace)!r}, 'w')"))
    course.autograde()
    assert course.scores()["code"]["check_diagnosis"] == 0
    assert not trace.exists()
