"""Damaged files, each to its end: mended and graded, or for a person to look at; never a zero that nobody sees."""

from __future__ import annotations

import json
import logging
import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import nbformat
import pytest
from nbgrader.utils import determine_grade

from grader import mending, preprocessors, salvage
from grader.rebuild import asks, notes_cell, rebuild
from tests.damaged.kinds import KINDS, LARGE, SMALL, Damaged
from tests.grader.conftest import NAME, Course, at_home, judge_without_process

CELLS = ("check_bounded", "check_useful", "check_diagnosis")
PART_OF = {"check_bounded": "fix", "check_useful": "fix", "check_diagnosis": "diagnosis", "runbook": "runbook"}
GRADED = list({(kind.asks, kind.earns): kind for kind in KINDS}.values())
"""One kind of each outcome goes through nbgrader itself, which takes most of the time; its gradebook sees no more of it."""


@dataclass(frozen=True)
class Batch:
    """Some kinds after one `nbgrader autograde`."""

    course: Course
    scores: dict[str, dict[str, float | None]]
    waiting: dict[str, set[str]]  # the grades that wait for a person
    comments: dict[str, dict[str, str | None]]
    log: str


@pytest.fixture(scope="module")
def home(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A course in which a file of 400 kB is too large."""
    root = tmp_path_factory.mktemp("damaged") / "course"
    shutil.copytree(template, root, symlinks=True)
    with at_home(root), pytest.MonkeyPatch.context() as patch:
        patch.setattr(preprocessors, "judge", judge_without_process)
        patch.setattr(mending, "MOST_BYTES", SMALL)
        patch.setattr(salvage, "MOST_PICTURE", LARGE)
        yield Course(root, json.loads((root / "notebooks" / NAME / f"{NAME}.ipynb").read_text()))


@pytest.fixture(scope="module")
def batch(home: Course) -> Batch:
    """Hand in one file of each kind, and grade them all in one run."""
    heard: list[str] = []
    ear = logging.Handler()
    ear.emit = lambda record: heard.append(record.getMessage())  # type: ignore[method-assign]
    for kind in GRADED:
        home.submit(kind.name, "").write_bytes(kind.make(home.release))
    logging.getLogger("traitlets").addHandler(ear)
    home.autograde()
    logging.getLogger("traitlets").removeHandler(ear)
    with home.gradebook() as book:
        found = {s.student.id: s.notebooks[0] for s in book.assignment_submissions(NAME)}
        waiting = {name: {g.name for g in nb.grades if g.needs_manual_grade} for name, nb in found.items()}
        comments = {name: {c.name: c.auto_comment for c in nb.comments} for name, nb in found.items()}
    return Batch(home, home.scores(), waiting, comments, "\n".join(heard))


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_becomes_of_a_damaged_file(home: Course, kind: Damaged) -> None:
    """Its points; a person for what was lost, and for nothing else; one line that says so; all that was written."""
    release = nbformat.reads(json.dumps(home.release), as_version=4)
    nb, notes = rebuild(release, kind.make(home.release))
    assert set(asks(nb)) == set(kind.asks)
    nb.cells.insert(0, notes_cell(notes, asks(nb)))
    nb, _ = preprocessors.Judge().preprocess(nb, {"nbgrader": {"assignment": NAME, "student": "x"}})
    nbformat.validate(nb)
    nbformat.writes(nb).encode("utf-8")
    cells = {c.id: c for c in nb.cells}
    assert tuple(determine_grade(cells[c])[0] for c in CELLS) == kind.earns
    told = [line for line in nb.cells[0].source.splitlines() if kind.told in line]
    assert len(told) == 1, nb.cells[0].source
    assert ("An instructor will look" in nb.cells[0].source) == ("hand in" in told[0]) == bool(kind.asks)
    page = "\n".join(c.source for c in nb.cells)
    assert [words for words in kind.keeps if words not in page] == []


@pytest.mark.parametrize("kind", GRADED, ids=lambda kind: kind.name)
def test_what_the_gradebook_says_of_it(batch: Batch, kind: Damaged) -> None:
    """Each grade that rests on a lost answer waits for a person, its cell says why, and the file is as it came."""
    assert tuple(batch.scores[kind.name][c] for c in CELLS) == kind.earns
    waiting = batch.waiting[kind.name]
    lost = {grade for grade, part in PART_OF.items() if part in kind.asks}
    assert waiting - {"runbook"} == lost - {"runbook"}
    assert "runbook" in waiting or "runbook" not in lost  # one that is there waits anyway: it is graded by hand
    for part in kind.asks:
        assert "An instructor will look at this: " in str(batch.comments[kind.name][part])
    assert kind.told in "".join(batch.course.graded(kind.name)["cells"][0]["source"])
    file = batch.course.root / "submitted" / kind.name / NAME / f"{NAME}.ipynb"
    assert file.read_bytes() == kind.make(batch.course.release)


def test_no_traceback_and_no_failure(batch: Batch) -> None:
    """nbgrader went through all of them, and its log names each for which a person must look."""
    assert "Traceback" not in batch.log
    assert set(batch.scores) == {kind.name for kind in GRADED}
    for kind in GRADED:
        assert (f"/{kind.name}/{NAME}/{NAME}.ipynb: NEEDS MANUAL GRADING" in batch.log) == bool(kind.asks)


def test_a_part_that_waits_says_so_in_its_own_cell(batch: Batch) -> None:
    """The card of a check does not say that nothing was attempted, where something was lost."""
    cards = str(batch.course.graded(next(kind.name for kind in GRADED if kind.asks == ("fix",)))["cells"])
    assert "No answer was found to judge; an instructor will look at it" in cards
    assert "Nothing to judge yet" not in cards


def test_no_kind_finishes_at_zero_unseen() -> None:
    """Every one of these files held, or may have held, all answers: where points are missing, a person is asked."""
    full = {"fix": (4.0, 2.5), "diagnosis": (1.0,)}
    for kind in KINDS:
        got = {"fix": kind.earns[:2], "diagnosis": kind.earns[2:]}
        assert {part for part in full if got[part] != full[part]} <= set(kind.asks), kind.name
    assert len(KINDS) >= 25


def test_a_file_that_cannot_be_opened_waits_for_a_person(course: Course, judge_here: None) -> None:
    """A link to nowhere, or a folder in the notebook's place, ends neither the batch nor in a zero."""
    folders = {name: course.root / "submitted" / name / NAME for name in ("nowhere", "folder", "elsewhere")}
    for folder in folders.values():
        folder.mkdir(parents=True)
    (folders["nowhere"] / f"{NAME}.ipynb").symlink_to("gone.ipynb")
    (folders["folder"] / f"{NAME}.ipynb").mkdir()
    (folders["elsewhere"] / f"{NAME}.ipynb").symlink_to(course.root / "notebooks" / NAME / f"{NAME}.ipynb")
    course.autograde()
    with course.gradebook() as book:
        for name in folders:
            grades = book.find_submission(NAME, name).notebooks[0].grades
            assert {g.name for g in grades if g.needs_manual_grade} == set(PART_OF)
    assert "a link to a place outside the submission" in "".join(course.graded("elsewhere")["cells"][0]["source"])
