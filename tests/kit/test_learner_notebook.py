"""The learner's surface in a notebook that a real kernel executes, as the build, nbval and nbgrader execute it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat import NotebookNode
from nbformat.v4 import new_code_cell, new_notebook
from nbgrader.utils import determine_grade

import labs
from tests.kit.learner_lab import BROKEN, HALF, NAME, RIGHT

SETUP = """import os
from pathlib import Path
from tests.kit import learner_lab

learner_lab.install(Path(os.environ["LABS_HERE"]));"""
CELLS = [
    SETUP,
    f'import labs\n\nlab = labs.open_lab("{NAME}")',
    'lab.predict("share", 0.5)',
    "first = lab.run()",
    '%%diagnosis\n{"line": 5, "cause": "n"}',
    "%%fix\n" + BROKEN,
    "second = lab.run()",
    "lab.compare()",
    'lab.check("doubled")',
    'lab.check("answers")',
    'lab.check("diagnosis")',
    "print('the end')",
]
FIX, DOUBLED, GATE, DIAGNOSIS = 5, 8, 9, 10
Execute = Callable[[str], NotebookNode]


@pytest.fixture
def execute(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Execute:
    """Execute the notebook with this repair in a work folder of its own; a cell that raises fails the test."""
    for name in ("NBGRADER_EXECUTION", "JPY_SESSION_NAME", "BREAKFIX_PLAIN"):
        monkeypatch.delenv(name, raising=False)
    count = iter(range(10))

    def run(source: str) -> NotebookNode:
        home = tmp_path / str(next(count))
        monkeypatch.setenv("BREAKFIX_WORK", str(home / "work"))
        monkeypatch.setenv("LABS_HERE", str(home / "labs"))
        notebook = new_notebook(cells=[new_code_cell(c, id=f"cell-{n}") for n, c in enumerate(CELLS)])
        notebook.cells[FIX].source = f"%%fix\n{source}"
        for at, points in ((DOUBLED, 4), (GATE, 0), (DIAGNOSIS, 2)):
            notebook.cells[at].metadata["nbgrader"] = {
                "grade": True, "solution": False, "locked": True, "points": points, "grade_id": f"c{at}",
                "schema_version": 3,
            }  # fmt: skip
        client = NotebookClient(
            notebook,
            timeout=120,
            kernel_name="python3",
            record_timing=False,
            coalesce_streams=True,
            resources={"metadata": {"path": str(labs.ROOT)}},
        )
        client.execute()
        return notebook

    return run


def outputs(notebook: NotebookNode) -> list[Any]:
    """What the cells put out, the set-up left out."""
    return [cell.outputs for cell in notebook.cells[1:]]


def grades(notebook: NotebookNode) -> list[float]:
    """What nbgrader reads from the three checks."""
    return [determine_grade(notebook.cells[at])[0] for at in (DOUBLED, GATE, DIAGNOSIS)]


def plain(notebook: NotebookNode, at: int) -> str:
    """All that a cell says as plain text."""
    return "".join(o.get("text", "") or o.get("data", {}).get("text/plain", "") for o in notebook.cells[at].outputs)


def test_a_right_repair_earns_all_and_rebuilds_identically(execute: Execute) -> None:
    """The executed notebook holds a card and a number for each check, no bar, and the same bytes when executed again."""
    one, two = execute(RIGHT), execute(RIGHT)
    assert grades(one) == [4, 0, 2]
    assert outputs(one) == outputs(two)
    assert "widgets" not in one.metadata
    text = nbformat.writes(one)
    assert "widget-view" not in text
    (result,) = one.cells[DOUBLED].outputs
    assert result.output_type == "execute_result"
    assert "passed" in result.data["text/html"]
    assert "4 of 4 points" in result.data["text/html"]
    assert result.data["text/plain"] == "4"


def test_the_release_runs_to_its_end_and_earns_nothing(execute: Execute) -> None:
    """With the broken code in the repair cell every cell runs, and each check earns exactly 0."""
    notebook = execute(BROKEN)
    assert plain(notebook, len(CELLS) - 1) == "the end\n"
    assert grades(notebook) == [0, 0, 0]
    assert "Nothing to compare yet" in plain(notebook, 7)


@pytest.mark.parametrize("source", ["def double(n:\n", "import os\nos.environ[5]\n"])
def test_a_bad_repair_lets_the_notebook_go_on(execute: Execute, source: str) -> None:
    """Code that is no Python, and code that fails when it is loaded: Run All reaches the end, at 0 points."""
    notebook = execute(source)
    assert plain(notebook, len(CELLS) - 1) == "the end\n"
    assert grades(notebook)[0] == 0


def test_nothing_is_written_to_stderr(execute: Execute) -> None:
    """Not one cell writes to stderr, also where a check fails: stock nbgrader would give such a cell 0."""
    notebook = execute(HALF)
    streams = [o.name for cell in notebook.cells for o in cell.outputs if o.output_type == "stream"]
    assert set(streams) == {"stdout"}
    assert "0.5 of all" in notebook.cells[DOUBLED].outputs[0].data["text/html"]


def test_validate_is_told_on_stderr(execute: Execute, monkeypatch: pytest.MonkeyPatch) -> None:
    """Under nbgrader's Validate the cell of a failed check has its reason on stderr, that of a passed one has not."""
    monkeypatch.setenv("NBGRADER_EXECUTION", "validate")
    notebook = execute(HALF)
    said = {at: [o.text for o in notebook.cells[at].outputs if o.output_type == "stream"] for at in (DOUBLED, GATE)}
    assert "50% of the numbers were doubled" in said[DOUBLED][0]
    assert said[GATE] == []
    assert "Not run" in plain(notebook, 3)
