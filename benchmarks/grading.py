"""Grading with the course's nbgrader steps, compared with stock nbgrader, which executes the notebook's cells."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import labs
from benchmarks.row import Row

LAB = "lab06_retries"
STOCK = """
c = get_config()
c.CourseDirectory.course_id = "stock"
c.CourseDirectory.source_directory = "solutions"
c.CourseDirectory.release_directory = "notebooks"
c.Execute.timeout = 1800
c.ClearSolutions.enforce_metadata = False
"""


def grading() -> Row:
    """One submission of the reference repair: our autograde, and stock autograde of the same notebook; wall seconds."""
    ours, stock = _course("ours"), _course("stock")
    return Row(
        "grading",
        "one submission through `nbgrader autograde`, against stock nbgrader executing its cells",
        "s",
        stock,
        ours,
        stock / ours,
        "5 times faster",
        stock / ours >= 5,
    )


def _course(kind: str) -> float:
    """Wall seconds to autograde one submission in a fresh copy of the course."""
    with tempfile.TemporaryDirectory(prefix="breakfix-bench-") as folder:
        root = Path(folder)
        for name in ("labs", "grader", "notebooks", "solutions", "nbgrader_config.py", "pyproject.toml"):
            source = labs.ROOT / name
            (shutil.copytree if source.is_dir() else shutil.copy)(source, root / name)
        if kind == "stock":
            (root / "nbgrader_config.py").write_text(STOCK)
        handed_in = root / "submitted" / "student" / LAB
        handed_in.mkdir(parents=True)
        shutil.copy(root / "solutions" / LAB / f"{LAB}.ipynb", handed_in)
        environment = {k: v for k, v in os.environ.items() if k not in ("BREAKFIX_RUN_CACHE", "BREAKFIX_PRIVATE_SEEDS")}
        environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
        environment |= {"PYTHONPATH": str(root), "BREAKFIX_WORK": str(root / "work"), "BREAKFIX_CACHE": str(root / "cache")}
        if kind == "stock":
            environment["IPYTHONDIR"] = str(_let_cells_run(root))
            _register(root, environment)
        begun = time.perf_counter()
        command = [sys.executable, "-m", "nbgrader", "autograde", LAB, "--create"]
        subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
        seconds = time.perf_counter() - begun
        _assert_graded(root / "autograded" / "student" / LAB / f"{LAB}.ipynb")
        return seconds


def _let_cells_run(root: Path) -> Path:
    """Remove the variable by which the kit recognizes nbgrader from the kernel; the kit would refuse to run there.

    Otherwise all cells under stock nbgrader would fail at once, and that would be measured. Returns an IPYTHONDIR.
    """
    startup = root / "ipython" / "profile_default" / "startup"
    startup.mkdir(parents=True)
    (startup / "00.py").write_text("import os\nos.environ.pop('NBGRADER_EXECUTION', None)\n")
    return root / "ipython"


def _assert_graded(notebook: Path) -> None:
    """Assert that no cell of the graded notebook ended in an error, so that the whole work was measured."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    errors = [o["evalue"] for cell in cells for o in cell.get("outputs", []) if o["output_type"] == "error"]
    assert not errors, f"grading was not measured: a cell failed with {errors[0]}"


def _register(root: Path, environment: dict[str, str]) -> None:
    """Register the assignment for stock nbgrader; the course's configuration does this itself."""
    command = [sys.executable, "-m", "nbgrader", "generate_assignment", LAB, "--force", "--create"]
    subprocess.run(command, cwd=root, env=environment, check=True, capture_output=True)
