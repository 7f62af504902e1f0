"""The lab in examples/, a package of its own, installed by pip without the network: all goes as with ours."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import labs

NAME = "lab20_stampede"


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with the example in it, as pip installs it."""
    folder = tmp_path_factory.mktemp("elsewhere")
    source = shutil.copytree(
        labs.ROOT / "examples" / NAME, folder / "source", ignore=shutil.ignore_patterns("built", "__pycache__")
    )
    command = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps", "--no-index"]
    done = subprocess.run(
        [*command, "--no-build-isolation", "--target", folder / "installed", source],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    return folder / "installed"


def run(place: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """A module of Python, in a process of its own that finds what is installed in `place`."""
    environment = {
        **os.environ,
        "PYTHONPATH": os.pathsep.join([str(labs.ROOT), str(place)]),
        "BREAKFIX_WORK": str(place / "work"),
    }
    return subprocess.run(
        [sys.executable, "-m", *command], env=environment, cwd=labs.ROOT, capture_output=True, text=True, check=False
    )


def test_it_is_listed_with_its_origin(place: Path) -> None:
    """`breakfix list` names it beside ours, and the package that brings it."""
    listed = run(place, "breakfix", "list")
    assert (listed.returncode, listed.stderr) == (0, "")
    assert NAME in listed.stdout
    assert listed.stdout.count(NAME) == 2, "as the lab's name, and in the column that says where it is from"


def test_it_is_checked(place: Path) -> None:
    """Its services run in the simulated world, and its reference earns all points."""
    done = run(place, "breakfix", "check", "lab20", "--fix", "reference", "--seeds", "1", "--json")
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["points"] == json.loads(done.stdout)["max_points"] == 7


def test_it_has_nothing_to_mend(place: Path) -> None:
    """`breakfix lab-check` finds no fault."""
    done = run(place, "breakfix", "lab-check", NAME)
    assert done.returncode == 0, done.stdout + done.stderr
    assert f"{NAME}: nothing to mend" in done.stdout


def test_it_is_judged_for_nbgrader(place: Path) -> None:
    """The grader's own process judges it from outside, with private variations."""
    code = f"""
import labs
from grader.judge import judge

source = labs.load({NAME!r}).fix("right_lock").source
print(sum(verdict.points for verdict in judge({NAME!r}, source, seeds=[7], secret="s")))
"""
    file = place / "judging.py"
    file.write_text(code)
    done = run(place, "judging")
    assert done.returncode == 0, done.stderr
    assert float(done.stdout) == 7


def test_it_is_built_and_opened(place: Path, tmp_path: Path) -> None:
    """Its notebooks go to its own package, or into a course's folder; a learner's copy is brought from there."""
    built = run(place, "breakfix", "build", NAME)
    assert built.returncode == 0, built.stderr
    release = place / NAME / "built" / "notebooks" / NAME / f"{NAME}.ipynb"
    assert str(release) in built.stdout
    assert release.is_file()
    code = f"from breakfix.start import prepare; prepare({NAME!r})"
    (place / "opening.py").write_text(code)
    opened = run(place, "opening")
    assert opened.returncode == 0, opened.stderr
    assert (place / "work" / NAME / f"{NAME}.ipynb").read_bytes() == release.read_bytes()
    course = run(place, "breakfix", "build", NAME, "--to", str(tmp_path))
    assert course.returncode == 0, course.stderr
    assert (tmp_path / "notebooks" / NAME / f"{NAME}.ipynb").read_bytes() == release.read_bytes()


def test_the_tests_of_every_lab_ask_it_too(place: Path) -> None:
    """tests/test_labs.py finds it, and asks of it what it asks of ours."""
    done = run(place, "pytest", "tests/test_labs.py", "-q", "-p", "no:cacheprovider", "-k", NAME)
    assert done.returncode == 0, done.stdout[-3000:]
