"""From notebook.py to both notebooks: what is generated, what is refused, what is written."""

from __future__ import annotations

import base64
import json
import re
import struct
import zlib
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

import labs
from grader import build, execute
from grader.build import BuildError, build_labs, source
from grader.preprocessors import release
from labs.kit.judging.diagnosis import judge_diagnosis
from labs.kit.model.verdict import Status
from tests.grader.conftest import ANSWER, BROKEN, NAME, RIGHT, Course, at_home


@pytest.fixture
def chapter(course: Course) -> Callable[..., None]:
    """Change notebook.py: replace a text in it, or add to it."""
    file = course.root / "labs" / NAME / "notebook.py"

    def change(old: str = "", new: str = "", add: str = "") -> None:
        text = file.read_text()
        assert old in text
        file.write_text((text.replace(old, new, 1) if old else text) + add)

    return change


def test_the_solution_holds_the_reference_and_the_release_the_broken_code(course: Course) -> None:
    """Both under %%fix; the diagnosis is asked without its answer; the runbook has its headings alone."""
    solution = source(labs.load(NAME))
    was = {c.id: c.source for c in solution.cells}
    now = {c.id: c.source for c in release(solution).cells}
    assert (was["fix"], now["fix"]) == ("%%fix\n" + RIGHT.rstrip(), "%%fix\n" + BROKEN.rstrip())
    assert '"line": 6' in was["diagnosis"]
    assert now["diagnosis"].splitlines()[2:4] == ["    # Which line? (a number)", '    "line": None,']
    assert (was["predict"], now["predict"]) == ('lab.predict("jobs", 12)', 'lab.predict("jobs", None)')
    assert "Roll back." in was["runbook"]
    assert now["runbook"].split("\n\n") == [f"### {h}" for h in build.HEADINGS]
    same = set(was) - {"fix", "diagnosis", "predict", "runbook"}
    assert {i: was[i] for i in same} == {i: now[i] for i in same}


def test_the_blank_diagnosis_is_well_formed_and_not_attempted(course: Course) -> None:
    """What learners get parses with the one literal parser and earns nothing."""
    lab = labs.load(NAME)
    verdict = judge_diagnosis(lab.diagnosis, build.blank_diagnosis(lab))
    assert (verdict.status, verdict.points) == (Status.NOT_ATTEMPTED, 0)
    assert judge_diagnosis(lab.diagnosis, ANSWER).points == 1


def test_points_come_from_the_checks_and_gates_have_none(course: Course) -> None:
    """4, 2.5 and 1 by program, 2 by hand; the gate's cell is there, ungraded."""
    cells = {c.id: c.metadata for c in source(labs.load(NAME)).cells}
    points = {i: m["nbgrader"]["points"] for i, m in cells.items() if "points" in m.get("nbgrader", {})}
    assert points == {"check_bounded": 4, "check_useful": 2.5, "check_diagnosis": 1, "runbook": 2}
    assert "nbgrader" not in cells["gate_whole"]
    assert all("nbval-check-output" in cells[i]["tags"] for i in ("check_bounded", "gate_whole", "check_diagnosis"))


def test_what_live_runs_would_say_is_not_kept(built: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """In a lab that live runs judge, check cells keep no output and are held to none: no two runs give the same."""
    with at_home(built) as lab:
        live = replace(lab, checks=tuple(replace(check, world="live") for check in lab.checks))
        executed = nbformat.read(built / "solutions" / NAME / f"{NAME}.ipynb", as_version=4)
        monkeypatch.setattr(
            build, "execute", lambda nb, live: nbformat.from_dict({**executed, "cells": given(nb, executed)})
        )
        solution = nbformat.reads(build.contents(live)[Path("solutions", NAME, f"{NAME}.ipynb")], as_version=4)
    checks = [c for c in solution.cells if c.metadata.get("breakfix", {}).get("role") == "check"]
    assert len(checks) > 1
    assert all(c.outputs == [] and "tags" not in c.metadata for c in checks)


def test_live_runs_are_made_where_they_are_asked_for_and_judge_nothing(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """`make test` builds with live runs; a page that they judge would wait for each of its verdicts, and is left without."""
    asked: list[bool] = []

    def noted(nb: nbformat.NotebookNode, live: bool) -> nbformat.NotebookNode:
        asked.append(live)
        raise build.ExecutionFailed("noted")

    monkeypatch.setattr(build, "execute", noted)
    lab = labs.load(NAME)
    judged = replace(lab, checks=tuple(replace(check, world="live") for check in lab.checks))
    for page, live in ((lab, True), (lab, False), (judged, True)):
        with pytest.raises(build.BuildError, match="noted"):
            build.contents(page, live)
    assert asked == [True, False, False]


def given(nb: nbformat.NotebookNode, executed: nbformat.NotebookNode) -> list[nbformat.NotebookNode]:
    """The cells of one notebook with the outputs of another."""
    outputs = {c.id: c.outputs for c in executed.cells if c.cell_type == "code"}
    for cell in nb.cells:
        if cell.cell_type == "code":
            cell.outputs = outputs[cell.id]
    return nb.cells


def test_ids_do_not_move_when_cells_come_and_go(course: Course, chapter: Callable[..., None]) -> None:
    """A cell put in front changes no other id."""
    before = [c.id for c in source(labs.load(NAME)).cells]
    chapter("# %% [markdown]\n# ## Predict", "# %% [markdown]\n# A new one.\n\n# %% [markdown]\n# ## Predict")
    after = [c.id for c in source(labs.load(NAME)).cells]
    assert len(after) == len(before) + 1
    assert [i for i in after if i in before] == before


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ('"role": "fix"', '"role": "mend"', "unknown role; the valid ones are: fix, diagnosis, check"),
        ('"role": "fix"', '"id": "fixed"', "no cell for fix"),
        ("# The reference repair.", "LIMIT = 3", "must be empty"),
        ('"line": 6', '"line": 7', "is not the right answer"),
        ('"line": 6', '"line": 3 + 3', "is not the right answer: The answer could not be read"),
        ('"check": "useful"', '"check": "usefull"', "the valid ones are: bounded, useful, whole, diagnosis"),
        ('lab.check("useful")', 'lab.check("bounded")', 'holds nothing but lab.check("useful")'),
        (', "blank": "lab.predict(\\"jobs\\", None)"', "", 'has no "blank"'),
        ("[markdown] breakfix", "breakfix", "is a code cell; expected a markdown cell"),
        ('"points": 2', '"points": "2"', "expected what it is worth when graded by hand"),
        ('"id": "figure"', '"id": "setup"', "two cells have the id 'setup'"),
        ('"id": "figure"', '"id": "a figure"', "may hold letters, digits"),
        ('"role": "check", "check": "useful"', '"id": "x"', "no cell for check_useful"),
    ],
)
def test_a_chapter_that_cannot_be_built_is_refused_with_what_was_expected(
    course: Course, chapter: Callable[..., None], old: str, new: str, says: str
) -> None:
    """One sentence that names the lab and the cell."""
    chapter(old, new)
    with pytest.raises(BuildError, match=re.escape(says)) as caught:
        source(labs.load(NAME))
    assert str(caught.value).startswith(f"{NAME}: ")


def test_a_lab_without_a_chapter_or_a_whole_runbook_is_refused(course: Course) -> None:
    """Both are named with what they lack."""
    folder = course.root / "labs" / NAME
    (folder / "runbook.md").write_text("## Symptom\n\nx\n\n## Fix\n\ny\n")
    with pytest.raises(BuildError, match="lacks the headings Signal, First five minutes, Prevention"):
        source(labs.load(NAME))
    (folder / "notebook.py").unlink()
    with pytest.raises(BuildError, match="every lab has a chapter"):
        source(labs.load(NAME))


def test_a_second_build_of_the_same_source_gives_the_same_bytes(built: Path) -> None:
    """`build --check` finds no difference after a build: execution and all."""
    with at_home(built):
        assert build_labs([NAME], check=True) == []


def test_check_names_the_cell_that_differs_and_notebooks_of_no_lab(
    built: Path, course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An edited notebook, a missing one, one whose lab is gone; nothing is written."""
    solution = (built / "solutions" / NAME / f"{NAME}.ipynb").read_text()
    monkeypatch.setattr(build, "execute", lambda nb, live: nbformat.reads(solution, as_version=4))
    edited = solution.replace("LIMIT = 5", "LIMIT = 4")
    (course.root / "solutions" / NAME / f"{NAME}.ipynb").write_text(edited)
    (course.root / "notebooks" / NAME / f"{NAME}.ipynb").unlink()
    (course.root / "notebooks" / "lab00_gone").mkdir()
    told = build_labs([], check=True)
    there, now = told[0].split(", now ")
    assert there.startswith(f"solutions/{NAME}/{NAME}.ipynb is not what its notebook.py gives (cell 'fix': source, there ")
    assert "LIMIT = 4" in there
    assert "LIMIT = 5" in now
    assert told[1:] == [
        f"notebooks/{NAME}/{NAME}.ipynb is missing; run `breakfix build`",
        "notebooks/lab00_gone belongs to no lab; delete it",
    ]
    assert (course.root / "solutions" / NAME / f"{NAME}.ipynb").read_text() == edited


def test_an_unknown_lab_is_refused_with_the_valid_names(course: Course) -> None:
    """The message lists them."""
    with pytest.raises(labs.UnknownLab, match=f"the labs are: {NAME}"):
        build_labs(["lab00_x"], check=False)


def damaged(solution: str, change: Callable[[dict[str, nbformat.NotebookNode]], None]) -> nbformat.NotebookNode:
    """The executed solution with something done to its cells."""
    nb = nbformat.reads(solution, as_version=4)
    change({c.id: c for c in nb.cells})
    return nb


ADDRESS = nbformat.v4.new_output("stream", name="stdout", text="<Thing at 0x7f3a6c1bd8a0>")
DISPLAY = nbformat.v4.new_output("display_data", {"text/plain": "50 %"})


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda c: c["setup"].outputs.append(ADDRESS), "cell 'setup' shows a memory address"),
        (lambda c: c["check_useful"].outputs.clear(), "shows []; a check cell shows one result"),
        (lambda c: c["check_useful"].outputs.insert(0, DISPLAY), "shows ['display_data', 'execute_result']"),
        (lambda c: c["check_useful"].outputs[0].data.update({"text/plain": "2"}), "the solution earns 2 of 2.5 points"),
    ],
)
def test_a_solution_that_nbval_could_not_hold_to_anything_is_refused(
    built: Path, monkeypatch: pytest.MonkeyPatch, change: Callable[[dict[str, nbformat.NotebookNode]], None], says: str
) -> None:
    """A check without output, with a display beside its verdict, below full marks, or showing what no two runs share."""
    solution = (built / "solutions" / NAME / f"{NAME}.ipynb").read_text()
    with at_home(built) as lab:
        monkeypatch.setattr(build, "execute", lambda nb, live: damaged(solution, change))
        with pytest.raises(BuildError, match=re.escape(says)):
            build.contents(lab)


def chunk(kind: bytes, data: bytes) -> bytes:
    """One PNG chunk."""
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def test_images_lose_the_version_that_matplotlib_writes_into_them() -> None:
    """Text and time chunks go, pixels stay; what is no PNG comes back as it was."""
    head, pixels, end = chunk(b"IHDR", b"x" * 13), chunk(b"IDAT", b"pixels"), chunk(b"IEND", b"")
    text = chunk(b"tEXt", b"Software\0Matplotlib version 3.11.2") + chunk(b"tIME", b"1234567")
    with_text, without = (b"\x89PNG\r\n\x1a\n" + head + more + pixels + end for more in (text, b""))
    assert base64.b64decode(execute.plain_png(base64.b64encode(with_text).decode())) == without
    assert execute.plain_png("bm90IGEgcG5n") == "bm90IGEgcG5n"


def test_what_differs_from_machine_to_machine_is_not_kept() -> None:
    """Timings, the Python version, widgets and stderr go."""
    new = nbformat.v4.new_output
    cell = nbformat.v4.new_code_cell("x", metadata={"execution": {"iopub.status.idle": "now"}})
    cell.outputs = [
        new("stream", name="stderr", text="Matplotlib is building the font cache"),
        new("display_data", {"application/vnd.jupyter.widget-view+json": {"model_id": "af3"}, "text/plain": "Bar()"}),
        new("stream", name="stdout", text="kept"),
    ]
    about = {"widgets": {}, "language_info": {"name": "python", "version": "3"}, "breakfix": {"lab": "x"}}
    nb = nbformat.v4.new_notebook(cells=[cell], metadata=about)
    done = execute.cleaned(nb)
    assert [o.text for o in done.cells[0].outputs] == ["kept"]
    assert done.cells[0].metadata == {}
    assert json.loads(json.dumps(done.metadata)) == {
        "kernelspec": execute.KERNELSPEC, "language_info": {"name": "python"}, "breakfix": {"lab": "x"},
    }  # fmt: skip
