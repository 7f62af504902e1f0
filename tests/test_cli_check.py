"""`breakfix check`: verdicts, and repairs out of files and notebooks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbformat import NotebookNode

import labs
from breakfix import copies
from breakfix.commands.repair import find_fix
from breakfix.commands.shell import BadInput
from grader.rebuild import rebuild
from labs.kit.judging import evaluate
from labs.kit.judging.fix_cell import cut_fix
from labs.kit.model.lab import Fix
from labs.kit.model.verdict import Status
from tests.cli import Judge, breakfix

LAB = labs.load("lab06")


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """No run is made; `check` is told what this judge says."""
    found = Judge()
    monkeypatch.setattr(evaluate, "evaluate", found)
    return found


# check -----------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", list(Status))
def test_check_exits_0_whenever_a_verdict_was_reached(judge: Judge, status: Status) -> None:
    """Only `infra_error` and `invalid`, which say nothing of the repair, exit 1; the object is printed all the same."""
    judge.status = status
    result = breakfix("check", "lab06", "--fix", "right_budget", "--json")
    assert result.exit_code == (1 if status in (Status.INFRA_ERROR, Status.INVALID) else 0)
    told = json.loads(result.stdout)
    assert told["max_points"] == LAB.max_points
    assert told["points"] == (LAB.max_points if status is Status.PASS else 0)
    assert (result.stderr == "") == (result.exit_code == 0)


@pytest.mark.parametrize("measured", [float("inf"), float("-inf"), float("nan"), None])
def test_a_figure_that_json_does_not_know_is_null(judge: Judge, measured: float | None) -> None:
    """The output is strict JSON: no Infinity, no NaN."""

    def refuse(constant: str) -> None:
        raise AssertionError(constant)

    judge.measured = measured
    told = json.loads(breakfix("check", "lab06", "--fix", "broken", "--json").stdout, parse_constant=refuse)
    assert {v["measured"] for v in told["verdicts"]} == {None}


def test_seeds_are_0_to_n(judge: Judge) -> None:
    """--seeds counts; three is what `lab.check` and the public grading use."""
    breakfix("check", "lab06", "--fix", "reference", "--seeds", "5")
    assert judge.asked is not None
    assert judge.asked[1] == [0, 1, 2, 3, 4]
    breakfix("check", "lab06", "--fix", "reference")
    assert judge.asked[1] == [0, 1, 2]


def test_check_for_people(judge: Judge) -> None:
    """Without --json every check stands there with its message, then the sum; what a repair says cannot steer a terminal."""
    judge.status, judge.message = Status.FAIL, "Said: \x1b[2J and [red]this[/red]."
    result = breakfix("check", "retries", "--fix", "right_budget", "--seeds", "1")
    assert all(check.name in result.stdout for check in LAB.checks)
    assert r"\x1b[2J and [red]this[/red]" in result.stdout
    assert "\x1b" not in result.stdout
    assert result.stdout.endswith(f"lab06_retries, right_budget: 0 of {LAB.max_points:g} points on seed 0.\n")


@pytest.mark.parametrize("source", [LAB.fix("broken").source, "# mine\n" + LAB.fix("broken").source, "", "# only this\n"])
def test_an_untouched_file_is_not_run(judge: Judge, tmp_path: Path, source: str) -> None:
    """Blank code and the broken code in a file are not_attempted and earn 0, as in the notebook."""
    (tmp_path / "fix.py").write_text(source)
    result = breakfix("check", "lab06", "--fix", tmp_path / "fix.py", "--json")
    told = json.loads(result.stdout)
    assert (result.exit_code, told["points"], judge.asked) == (0, 0, None)
    assert {v["status"] for v in told["verdicts"]} == {"not_attempted"}


def test_broken_by_name_is_judged(judge: Judge) -> None:
    """Who asks for the broken code by name sees it fail."""
    breakfix("check", "lab06", "--fix", "broken")
    assert judge.asked is not None
    assert judge.asked[0] == LAB.fix("broken")


# --fix -------------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("content", "source"),
    [
        (b"X = 1\n", "X = 1\n"),
        (b"\xef\xbb\xbfX = 1\r\nY = 2\r\n", "X = 1\nY = 2\n"),
        (b"# a cell\n%%fix\nX = 1", "# %%fix\nX = 1\n"),
        (b"X = '\xc3\xa9'\n", "X = '\u00e9'\n"),
    ],
)
def test_a_python_file(judge: Judge, tmp_path: Path, content: bytes, source: str) -> None:
    """A file is the repair, with a byte order mark or Windows line ends too; a pasted cell is cut like a cell."""
    (tmp_path / "mine.py").write_bytes(content)
    assert breakfix("check", "lab06", "--fix", tmp_path / "mine.py").exit_code == 0
    assert judge.asked is not None
    assert judge.asked[0] == Fix("mine.py", source)


def test_a_name_goes_before_a_file(judge: Judge, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`broken` is the lab's, `./broken` is the file."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken").write_text("X = 1\n")
    breakfix("check", "lab06", "--fix", "broken")
    assert judge.asked is not None
    assert judge.asked[0] == LAB.fix("broken")
    breakfix("check", "lab06", "--fix", "./broken")
    assert judge.asked[0].source == "X = 1\n"


# Repairs out of notebooks --------------------------------------------------------------------------------------------------


def notebook(*cells: NotebookNode, lab: str = "lab06_retries") -> NotebookNode:
    """A notebook of these cells."""
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"breakfix": {"lab": lab}})  # type: ignore[no-untyped-call]


def cell(source: str, grade_id: str = "", cell_id: str = "") -> NotebookNode:
    """A code cell, with nbgrader's metadata if it has a grade id."""
    made = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    made.id = cell_id or grade_id or f"x{abs(hash(source)) % 10**6}"
    if grade_id:
        made.metadata["nbgrader"] = {
            "grade_id": grade_id,
            "solution": True,
            "grade": False,
            "locked": False,
            "schema_version": 3,
        }
    return made


BLANK = "%%fix\n" + LAB.fix("broken").source


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """A release of lab06 with a step, the repair cell, and a diagnosis."""
    made = notebook(cell("lab = 1", cell_id="step"), cell(BLANK, "fix"), cell("%%diagnosis\n{}", "diagnosis"))
    path = tmp_path / "release.ipynb"
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    monkeypatch.setattr(copies, "release", lambda lab: path)
    return made


@pytest.mark.parametrize(
    ("cells", "source"),
    [
        ([cell("%%fix\nX = 1", "fix")], "# %%fix\nX = 1\n"),
        ([cell("# note\n%%fix\nX = 1", "fix")], "# %%fix\nX = 1\n"),
        ([cell("%%fix\nX = 1", cell_id="fix")], "# %%fix\nX = 1\n"),
        ([cell("%%fix\nX = 1")], "# %%fix\nX = 1\n"),
        ([cell(BLANK, "fix"), cell("%%fix\nX = 2")], "# %%fix\nX = 2\n"),
        ([cell("%%fix\nX = 1", "fix"), cell("%%fix\nX = 2")], "# %%fix\nX = 2\n"),
        ([cell("%%fix\nX = 1"), cell("%%fix\nX = 2", "fix")], "# %%fix\nX = 2\n"),
        ([cell("%%fix\nX = 1", "fix"), cell(BLANK)], "# %%fix\nX = 1\n"),
        ([cell(BLANK, "fix"), cell("%%fix\nX = 2", cell_id="step")], "# %%fix\nX = 2\n"),
    ],
)
def test_the_cell_that_the_grader_would_judge(cells: list[NotebookNode], source: str, released: Any, tmp_path: Path) -> None:
    """A notebook is read as a submission is: both come to the same repair, however the cell was moved or damaged."""
    path = tmp_path / "mine.ipynb"
    nbformat.write(notebook(*cells), path)  # type: ignore[no-untyped-call]
    graded, _ = rebuild(released, path.read_bytes())
    fix = find_fix(LAB, str(path), "breakfix check")
    assert fix == Fix("mine.ipynb", cut_fix(next(c.source for c in graded.cells if c.id == "fix")))
    assert fix.source == source


def test_what_was_mended_is_told(released: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What had to be mended in a notebook stands on standard error, as it would in the feedback."""
    nbformat.write(notebook(cell("%%fix\nX = 1")), tmp_path / "mine.ipynb")  # type: ignore[no-untyped-call]
    find_fix(LAB, str(tmp_path / "mine.ipynb"), "breakfix check")
    out, err = capsys.readouterr()
    assert out == ""
    assert "`fix` was found by its `%%fix` line alone" in err


def write(path: Path, *cells: NotebookNode) -> Path:
    """A notebook of these cells as a file."""
    nbformat.write(notebook(*cells), path)  # type: ignore[no-untyped-call]
    return path


def test_a_notebook_without_a_repair_is_bad_input(released: Any, judge: Judge, tmp_path: Path) -> None:
    """Nothing is judged in its place, least of all the broken code: exit code 2, and what is missing."""
    told = breakfix("check", "lab06", "--fix", write(tmp_path / "mine.ipynb", cell("print(1)", cell_id="step")))
    assert (told.exit_code, told.stdout, judge.asked) == (2, "", None)
    assert "has no repair that can be judged: the repair is missing" in told.stderr
    whole = write(tmp_path / "mine.ipynb", cell("%%fix\nX = 1", "fix")).read_bytes()
    (tmp_path / "mine.ipynb").write_bytes(whole[: whole.index(b"X = 1") + 3])
    told = breakfix("check", "lab06", "--fix", tmp_path / "mine.ipynb")
    assert (told.exit_code, told.stdout, judge.asked) == (2, "", None)
    assert "part of the repair could not be read" in told.stderr


@pytest.mark.parametrize("name", ["mine.ipynb.txt", "mine.json"])
def test_a_notebook_under_another_name(released: Any, judge: Judge, tmp_path: Path, name: str) -> None:
    """What some systems make of FILE.ipynb is read as a notebook, not as Python."""
    write(tmp_path / name, cell("%%fix\nX = 1", "fix"))
    assert breakfix("check", "lab06", "--fix", tmp_path / name).exit_code == 0
    assert judge.asked is not None
    assert judge.asked[0] == Fix(name, "# %%fix\nX = 1\n")


def test_a_notebook_of_another_lab(released: Any, tmp_path: Path) -> None:
    """It is refused, with the lab that it is of."""
    nbformat.write(notebook(cell("%%fix\nX = 1", "fix"), lab="lab01_blocking"), tmp_path / "mine.ipynb")  # type: ignore[no-untyped-call]
    with pytest.raises(BadInput, match="is a notebook of lab01_blocking, not of lab06_retries"):
        find_fix(LAB, str(tmp_path / "mine.ipynb"), "breakfix check")
