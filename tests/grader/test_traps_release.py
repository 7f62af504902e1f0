"""Traps between the source and the learner: nbgrader's own generator, rebuilding, nbval, Validate, stock Execute."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from importlib.metadata import version
from pathlib import Path

import nbformat
import pytest
from nbgrader.converters import GenerateAssignment
from nbgrader.converters.base import NbGraderException
from nbgrader.nbgraderformat import MetadataValidator
from nbgrader.preprocessors import Execute
from nbgrader.utils import determine_grade
from nbgrader.validator import Validator

import labs
from grader import build, released
from grader.build import BuildError, build_labs
from grader.execute import ExecutionFailed, execute
from grader.preprocessors import RELEASE, Judge, SaveGrades
from grader.rebuild import RebuildExporter
from labs.kit.model.lab import Lab
from tests.grader.conftest import NAME, REPOSITORY, RIGHT, Course, at_home

CHECKS = ("check_bounded", "check_useful", "check_diagnosis")


def notebook(root: Path, tree: str) -> Path:
    """The file of the tiny lab in one of the generated trees."""
    return root / tree / NAME / f"{NAME}.ipynb"


def read(root: Path, tree: str) -> nbformat.NotebookNode:
    """A generated notebook."""
    return nbformat.read(notebook(root, tree), as_version=4)


def code(*sources: str) -> nbformat.NotebookNode:
    """A notebook of code cells."""
    return nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(s, id=f"c{i}") for i, s in enumerate(sources)])


def generate(course: Course, **settings: object) -> None:
    """`nbgrader generate_assignment`, in this process."""
    config = course.config()
    config.GenerateAssignment.merge(settings)
    GenerateAssignment(coursedir=course.directory(), config=config).start()


@pytest.fixture
def of_built(built: Path, course: Course) -> Course:
    """A course with the executed solution."""
    for tree in ("solutions", "notebooks"):
        shutil.copy(notebook(built, tree), notebook(course.root, tree))
    return course


# nbgrader's own generator ----------------------------------------------------------------------------------------------


def test_our_release_is_nbgraders_byte_for_byte_and_nothing_ships_with_it(of_built: Course) -> None:
    """`breakfix build` calls the same steps directly; files beside the solution stay behind."""
    ours = notebook(of_built.root, "notebooks").read_bytes()
    beside = of_built.root / "solutions" / NAME
    for name in ("answers.py", "run.sqlite", "progress.json", "half.part"):
        (beside / name).write_text("secret")
    (beside / ".breakfix").mkdir()
    (beside / ".breakfix" / "fix").write_text("secret")
    generate(of_built, force=True)
    folder = of_built.root / "notebooks" / NAME
    assert [p.name for p in folder.iterdir()] == [f"{NAME}.ipynb"]
    assert notebook(of_built.root, "notebooks").read_bytes() == ours
    with of_built.gradebook() as book:
        assert book.find_assignment(NAME).max_score == 4 + 2.5 + 1 + 2


def test_a_failed_build_leaves_the_release_where_nbgrader_would_delete_it(
    of_built: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Learners pull from the tree of releases: a slip in a chapter must not empty it."""
    before = {p: p.read_bytes() for p in of_built.root.glob("*s/lab*/*.ipynb")}
    assert len(before) == 2
    monkeypatch.setattr(build, "execute", lambda nb, live: nb)  # nothing was executed: no check shows a verdict
    with pytest.raises(BuildError):
        build_labs([NAME], check=False)
    assert {p: p.read_bytes() for p in of_built.root.glob("*s/lab*/*.ipynb")} == before
    notebook(of_built.root, "solutions").write_text("{}")
    with pytest.raises(NbGraderException):
        generate(of_built, force=True)
    assert not notebook(of_built.root, "notebooks").exists()


def test_nothing_of_ours_stands_in_nbgraders_metadata(built: Path) -> None:
    """Its schema forbids other keys; one of them would cost the whole class its grades."""
    allowed = set(MetadataValidator().schema["properties"])
    for tree in ("solutions", "notebooks"):
        nb = read(built, tree)
        MetadataValidator().validate_nb(nb)
        keys = {key for c in nb.cells for key in c.metadata.get("nbgrader", {})}
        assert "grade_id" in keys
        assert keys <= allowed


def test_the_release_gives_nothing_of_the_solution_away(built: Path) -> None:
    """Neither in cells nor in metadata nor in outputs."""
    text = notebook(built, "notebooks").read_text()
    assert "no bound" in notebook(built, "solutions").read_text()
    assert not any(secret in text for secret in ("no bound", "LIMIT = 5", "Roll back.", 'outputs": [\n'))


# Rebuilding ------------------------------------------------------------------------------------------------------------

BUSY = (
    "print('one'); print('two')",
    "import sys; print('noise', file=sys.stderr)",
    "%config InlineBackend.figure_formats = ['svg', 'png']\nimport matplotlib.pyplot as plt\n"
    "plt.subplots(figsize=(1, 1))[1].plot([1, 2], clip_on=True);",
    "import ipywidgets; ipywidgets.IntProgress(3)",
    "import os, pathlib; work = pathlib.Path(os.environ['BREAKFIX_WORK'])\n"
    "os.environ.get('NBGRADER_EXECUTION'), work.parent == pathlib.Path().resolve(), list({'a', 'b', 'c', 'd', 'e'})",
)


def test_two_executions_of_one_notebook_are_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Figures as SVG and PNG, a widget, stderr, sets of text: the same bytes, and nothing of the learner's state."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    monkeypatch.setenv("BREAKFIX_WORK", "/the/learners/own")
    one, two = (nbformat.writes(execute(code(*BUSY))) for _ in range(2))
    assert one == two
    outputs = [c.outputs for c in nbformat.reads(one, as_version=4).cells]
    assert [o.get("text") for o in outputs[0]] == ["one\ntwo\n"]
    assert (outputs[1], outputs[3]) == ([], [])
    assert set(outputs[2][0].data) == {"image/png", "image/svg+xml", "text/plain"}
    assert outputs[4][0].data["text/plain"].startswith("(None, True, [")
    assert not any(word in one for word in ("iopub", "vnd.jupyter.widget", "Matplotlib version", '"version"'))


@pytest.mark.parametrize(
    ("source", "says"),
    [("1 / 0", "cell 'c1' raised ZeroDivisionError: division by zero"), ("import os; os._exit(3)", "the kernel gave up")],
)
def test_a_cell_that_fails_is_named(source: str, says: str) -> None:
    """A chapter that raises is no chapter; the message tells where."""
    with pytest.raises(ExecutionFailed, match=says):
        execute(code("1", source))


# nbval -----------------------------------------------------------------------------------------------------------------


def nbval(file: Path, *more: str) -> subprocess.CompletedProcess[str]:
    """nbval on one notebook, as `make test` runs it: marked cells compared, the rest executed without error."""
    environment = {**os.environ, "PYTHONPATH": str(labs.ROOT), "BREAKFIX_WORK": str(file.parent / "work")}
    command = [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", "--nbval-lax", "--nbval-cell-timeout=120"]
    return subprocess.run(
        [*command, "-c", os.devnull, *more, str(file)],
        cwd=file.parent,
        env=environment,
        text=True,
        capture_output=True,
        check=False,
    )


def test_nbval_holds_every_verdict_of_the_solution_to_what_is_stored(built: Path, tmp_path: Path) -> None:
    """As built it passes; with another verdict stored in one cell, that cell fails; without any it would pass again."""
    file = tmp_path / f"{NAME}.ipynb"
    text = notebook(built, "solutions").read_text()
    with at_home(built):
        file.write_text(text)
        good = nbval(file)
        assert good.returncode == 0, good.stdout
        other = text.replace("The limit is 5 of 10.", "The limit is 4 of 10.")
        assert other != text
        file.write_text(other)
        bad = nbval(file)
        assert (bad.returncode, bad.stdout.count("FAILED")) == (1, 1), bad.stdout


def told(lab: Lab, executed: nbformat.NotebookNode) -> list[str]:
    """What is wrong with the verdicts of a release that was executed."""
    lines = (released.told(lab, cell.metadata, cell.get("outputs", [])) for cell in executed.cells)
    return [line for line in lines if line]


def test_the_release_as_released_earns_what_untouched_code_earns(built: Path) -> None:
    """Run All reaches its end, and each verdict on the page is "not attempted", 0 points."""
    with at_home(built) as lab:
        executed = execute(read(built, "notebooks"))
        assert told(lab, executed) == []
        wrong = told(lab, read(built, "solutions"))
        assert len(wrong) == 4
        assert "bounded gives 4 points to untouched code" in wrong[0]
        assert "whole does not show the verdict on untouched code" in wrong[2]
        next(c for c in executed.cells if c.id == "check_bounded").outputs = []
        assert told(lab, executed) == [f"{NAME}: bounded shows []; expected its verdict alone"]


def test_nbval_holds_every_verdict_of_a_release_to_that_of_untouched_code(tmp_path: Path) -> None:
    """A release whose check cell gives points fails as nbval runs it; a cell that is no check may show what it likes."""
    lab = labs.load(labs.names()[0])
    book = code("2.0", "2.0")
    book.cells[0].metadata["breakfix"] = {"check": lab.checks[0].name}
    book.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3", "language": "python"}
    file = tmp_path / "notebooks" / lab.name / f"{lab.name}.ipynb"
    file.parent.mkdir(parents=True)
    nbformat.write(book, file)
    done = nbval(file, "-p", "conftest")
    assert done.returncode == 1, done.stdout
    assert f"{lab.name}: {lab.checks[0].name} gives 2.0 points to untouched code; expected 0" in done.stdout
    assert "1 failed, 1 passed" in done.stdout


# nbgrader executing notebooks ------------------------------------------------------------------------------------------


def test_the_repository_is_a_course_whose_pipeline_executes_nothing() -> None:
    """The root's config file puts Judge where Execute stood, for every command that is run there."""
    config = Course(REPOSITORY, {}).config()
    assert config.Autograde.autograde_preprocessors[0] is Judge
    assert SaveGrades in config.Autograde.autograde_preprocessors
    assert Execute not in (*config.Autograde.autograde_preprocessors, *config.Autograde.sanitize_preprocessors)
    assert config.Autograde.exporter_class is RebuildExporter
    assert tuple(config.GenerateAssignment.preprocessors[:-1]) == RELEASE
    assert (config.CourseDirectory.source_directory, config.CourseDirectory.release_directory) == ("solutions", "notebooks")


def run_stock(nb: nbformat.NotebookNode, folder: Path, monkeypatch: pytest.MonkeyPatch, mode: str) -> nbformat.NotebookNode:
    """nbgrader's own Execute, as `nbgrader autograde` calls it where no config file is found."""
    monkeypatch.setenv("NBGRADER_EXECUTION", mode)
    monkeypatch.setenv("PYTHONPATH", str(labs.ROOT))
    monkeypatch.setenv("BREAKFIX_WORK", str(folder / "work"))
    done, _ = Execute(timeout=120).preprocess(nb, {"metadata": {"path": str(folder)}})
    return done


def test_without_our_config_no_repair_runs_and_no_point_is_given(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Stock Execute meets a kit that refuses: the message names the way out, and full marks are not handed out."""
    with at_home(built):
        nb = read(built, "solutions")
        trace = tmp_path / "ran"
        cells = {c.id: c for c in nb.cells}
        cells["fix"].source = f"%%fix\nopen({str(trace)!r}, 'w')\n{RIGHT}"
        done = {c.id: c for c in run_stock(nb, tmp_path, monkeypatch, "autograde").cells}
    assert "run `nbgrader autograde` in the course's folder" in str(done["setup"].outputs)
    assert [determine_grade(done[c])[0] for c in CHECKS] == [0, 0, 0]
    assert not trace.exists()
    assert not (tmp_path / "work").exists()


def test_validate_passes_the_solution_and_tells_a_learner_what_is_missing(
    built: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The button runs the checks and says which fell short; the course gives it more than nbgrader's 30 s a cell."""
    with at_home(built):
        config = Course(built, {}).config()
        assert config.Execute.timeout >= 300
        monkeypatch.setenv("PYTHONPATH", str(labs.ROOT))
        monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "work"))
        found = Validator(config=config).validate(str(notebook(built, "solutions")))
        assert "failed" not in found
        shutil.rmtree(tmp_path / "work", ignore_errors=True)
        found = Validator(config=config).validate(str(notebook(built, "notebooks")))
    told = [f["error"].split(",")[0] for f in found["failed"]]
    assert told == [
        "NOT ATTEMPTED: The queue is bounded (bounded)",
        "NOT ATTEMPTED: Work gets through (useful)",
        "NOT ATTEMPTED: Diagnosis (diagnosis)",
        "You did not provide a response.",
    ]


def test_jsonschema_is_the_one_that_imports_fast() -> None:
    """Later ones make importing nbformat seven times slower, and every command with it."""
    assert tuple(int(part) for part in version("jsonschema").split(".")[:2]) < (4, 25)
