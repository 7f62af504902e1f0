"""The page of a submission: each cell of the course once, the learner's answers in it, and the cell that counts."""

from __future__ import annotations

import copy
import json
from typing import Any

import jupytext
import nbformat
import pytest
from nbformat import NotebookNode

import labs
from grader.matching import grading
from grader.rebuild import asks, rebuild
from tests.damaged.kinds import colab, nbstripout
from tests.grader.conftest import ANSWER, BROKEN, RIGHT, STARVED, Course
from tests.grader.odd import behind, cell, filled, no_metadata_no_ids

LABS = labs.ours()


def release_of(lab: str) -> NotebookNode:
    """A lab's release as learners get it."""
    return nbformat.read(labs.ROOT / "notebooks" / lab / f"{lab}.ipynb", as_version=4)  # type: ignore[no-any-return,no-untyped-call]


def as_released(course: Course) -> NotebookNode:
    """The release of the test lab."""
    return nbformat.reads(json.dumps(course.release), as_version=4)  # type: ignore[no-any-return,no-untyped-call]


def answered(release: NotebookNode) -> dict[str, Any]:
    """With something in each of its forms."""
    nb = copy.deepcopy(release)
    for c in nb.cells:
        if grading(c).get("solution"):
            c.source = c.source.replace("None", '"mine"') + ("\n\nMine." if c.cell_type == "markdown" else "\n# mine")
    return json.loads(nbformat.writes(nb))  # type: ignore[no-untyped-call,no-any-return]


def through_jupytext(nb: dict[str, Any]) -> None:
    """To a script and back."""
    text = jupytext.writes(nbformat.reads(json.dumps(nb), as_version=4), fmt="py:percent")  # type: ignore[no-untyped-call]
    nb.update(json.loads(nbformat.writes(jupytext.reads(text, fmt="py:percent"))))  # type: ignore[no-untyped-call]
    no_metadata_no_ids(nb)


def to_version_3(nb: dict[str, Any]) -> None:
    """The format of 2014: no ids, another layout."""
    cells = [{**{k: v for k, v in c.items() if k != "id"}, "metadata": {}} for c in nb.pop("cells")]
    nb.update(nbformat=3, nbformat_minor=0, worksheets=[{"cells": [{**c, "input": c["source"]} for c in cells]}])


@pytest.mark.parametrize("lab", LABS)
@pytest.mark.parametrize("tool", [nbstripout, no_metadata_no_ids, colab, through_jupytext, to_version_3])
def test_no_cell_stands_twice_when_a_tool_has_rewritten_the_file(lab: str, tool: Any) -> None:
    """94 cells for 54 it was: with ids and metadata gone, each text is known by itself, and each answer by what is kept."""
    release = release_of(lab)
    nb = answered(release)
    tool(nb)
    rebuilt, _ = rebuild(release, json.dumps(nb).encode())
    assert asks(rebuilt) == {}
    assert [c.id for c in rebuilt.cells] == [c.id for c in release.cells]
    forms = [c for c in rebuilt.cells if grading(c).get("solution")]
    assert [c.id for c in forms if "mine" not in c.source.lower()] == []


def test_a_text_that_stands_twice_in_the_course_stands_twice(course: Course) -> None:
    """And a copy that the learner made of a cell is no third."""
    nb = filled(course.release)
    nb["cells"].append(copy.deepcopy(nb["cells"][0]))
    no_metadata_no_ids(nb)
    release = as_released(course)
    rebuilt, _ = rebuild(release, json.dumps(nb).encode())
    assert [c.id for c in rebuilt.cells] == [c.id for c in release.cells]


def test_what_a_learner_writes_into_a_cell_of_the_course_is_shown(course: Course) -> None:
    """In a text in its place; in a locked cell behind the course's own."""
    nb = filled(course.release)
    nb["cells"][0]["source"] += "\n\nI saw this too."
    cell(nb, "check_bounded")["source"] += "\n# why 10?"
    rebuilt, notes = rebuild(as_released(course), json.dumps(nb).encode())
    assert rebuilt.cells[0].source.endswith("I saw this too.")
    place = [c.id for c in rebuilt.cells].index("check_bounded")
    assert rebuilt.cells[place].source == 'lab.check("bounded")'
    assert rebuilt.cells[place + 1].source.endswith("# why 10?")
    assert any("`check_bounded` was edited" in note for note in notes)


def fix_of(course: Course, nb: dict[str, Any]) -> str:
    """The repair that is judged."""
    rebuilt, _ = rebuild(as_released(course), json.dumps(nb).encode())
    return str(next(c.source for c in rebuilt.cells if c.id == "fix"))


@pytest.mark.parametrize("like", [True, False])
@pytest.mark.parametrize("place", ["setup", "fix", "check_diagnosis"])
def test_the_last_fix_cell_counts_as_in_the_notebook(course: Course, place: str, like: bool) -> None:
    """13 of 13 in the notebook and 0 in the gradebook it was, where a second %%fix cell stood below the first."""
    nb = filled(course.release, "%%fix\n" + STARVED)
    behind(place, "%%fix\n" + RIGHT, like=like)(nb)
    if like:
        pasted = cell(nb, "pasted-0")
        pasted["metadata"] = copy.deepcopy(cell(nb, "fix")["metadata"])
    assert fix_of(course, nb) == "%%fix\n" + (STARVED if place == "setup" else RIGHT)


@pytest.mark.parametrize(
    "last", ["%%fix\n" + BROKEN, "%%fix\n", "%%fix reset\n\n", "%%fix\n# todo", "%%fix\n\n" + BROKEN + "# x"]
)
def test_a_last_cell_that_repairs_nothing_does_not_hide_the_repair(course: Course, last: str) -> None:
    """Untouched, blank or reformatted code is nobody's answer: the one before it counts, and the page says which."""
    nb = filled(course.release)
    behind("fix", last, like=False)(nb)
    assert fix_of(course, nb) == "%%fix\n" + RIGHT


def test_a_second_diagnosis_counts_likewise(course: Course) -> None:
    """The last answer, whatever cell it is in."""
    nb = filled(course.release, diagnosis=ANSWER.replace("6", "7"))
    cell(nb, "figure")["source"] = ANSWER
    rebuilt, _ = rebuild(as_released(course), json.dumps(nb).encode())
    assert next(c.source for c in rebuilt.cells if c.id == "diagnosis") == ANSWER
