"""A kernel that has not run the cells above: what it answers, with the start file of `breakfix start` and after open_lab."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import nbformat
import pytest
from nbclient import NotebookClient
from nbformat.v4 import new_code_cell, new_notebook

from breakfix import start
from labs import ROOT
from labs.kit.notebook import first_cell
from tests.kit.learner_lab import Cell

STARTUP = start.HERE / "jupyter" / "startup.py"


def answers(*cells: str) -> list[str]:
    """What a new kernel answers to these cells, an error included."""
    notebook = new_notebook(cells=[new_code_cell(cell) for cell in cells])
    NotebookClient(notebook, timeout=120, allow_errors=True, resources={"metadata": {"path": str(ROOT)}}).execute()
    return ["\n".join(said(output) for output in cell.outputs) for cell in notebook.cells]


def said(output: nbformat.NotebookNode) -> str:
    """The text of one output."""
    if output.output_type == "error":
        return "\n".join(output.traceback)
    return str(output.get("text", output.get("data", {}).get("text/plain", "")))


def test_a_new_kernel_says_to_run_the_first_cell(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The lab's magics, and `lab`, are answered in a line; another unknown name keeps its traceback, with a way out."""
    theirs = tmp_path / "mine.py"
    theirs.write_text("own = 7\n")
    monkeypatch.setenv("PYTHONSTARTUP", str(STARTUP))
    monkeypatch.setenv("BREAKFIX_PYTHONSTARTUP", str(theirs))
    fix, diagnosis, lab, other, own = answers("%%fix\nx = 1", "%%diagnosis\n{}", "lab.run()", "after + 1", "own")
    assert fix.strip() == diagnosis.strip() == first_cell.FIRST
    assert lab == f"NameError: name 'lab' is not defined\n{first_cell.FIRST}"
    assert "-----" in other
    assert first_cell.ABOVE in other
    assert own == "7"


def test_in_plain_python_the_start_file_does_nothing() -> None:
    """A terminal of JupyterLab has PYTHONSTARTUP, too."""
    code = f"exec(open({str(STARTUP)!r}).read()); print(sorted(n for n in globals() if n[0] == '_' and n[1] != '_'))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert (done.stdout, done.stderr) == ("[]\n", "")


def test_below_the_first_cell_a_missing_name_names_the_way_out(cell: Cell) -> None:
    """Once a lab is open, a name that a skipped cell defines is answered likewise; one inside of a call is not."""
    assert first_cell.ABOVE in cell("lab.compare(before, after)")
    assert first_cell.ABOVE not in cell("def f():\n    return before\n\n\nf()")


def test_the_magics_of_a_lab_stay(shell: Any) -> None:
    """Installed again, it replaces no magic that is there."""
    for _ in range(2):
        shell.register_magic_function(lambda line, cell: print("mine"), "cell", "fix")
        first_cell.install(shell)
        assert shell.magics_manager.magics["cell"]["fix"] is not first_cell._nothing_open
