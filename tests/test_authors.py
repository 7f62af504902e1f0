"""`breakfix new` and `breakfix lab-check`."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

import labs
from labs.kit.judging.adversities import SLUGS
from tests import elsewhere
from tests.cli import breakfix, one_complaint

NAME = "lab77_mine"


@pytest.fixture
def mine(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The files of a new lab, in a package of its own that is installed."""
    made = breakfix("new", NAME, "--in", tmp_path)
    assert made.exit_code == 0
    assert made.stdout.count("\n") == 3
    elsewhere.install(tmp_path / NAME, NAME, {NAME: NAME}, {})
    monkeypatch.syspath_prepend(tmp_path / NAME)
    yield tmp_path / NAME / NAME
    for name in [n for n in sys.modules if n.partition(".")[0] == NAME]:
        del sys.modules[name]


def edit(file: Path, old: str, new: str) -> None:
    """Change one place of a file."""
    text = file.read_text()
    assert text.count(old) == 1
    file.write_text(text.replace(old, new))


def answer_all(mine: Path) -> None:
    """Give each row of the lab's table of adversities an answer."""
    left = [slug for slug in SLUGS if slug not in ("error", "between_writes")]
    given = "".join(f"    {slug!r}: Cannot('this is a test'),\n" for slug in left)
    edit(mine / "adversities.py", "\n}\n", f"\n{given}}}\n")


def test_a_new_lab_runs_and_lacks_only_answers_to_adversities(mine: Path) -> None:
    """As written, its reference earns all, its broken code nothing, its wrong repair loses what it says."""
    result = breakfix("lab-check", NAME)
    lines = result.stdout.splitlines()
    assert all(line.startswith(f"{NAME}: adversities.py: ") and ": no answer; write Asked(" in line for line in lines)
    assert (len(lines), result.exit_code) == (len(SLUGS) - 2, 1)


def test_a_lab_that_answers_each_adversity_has_nothing_to_mend(mine: Path) -> None:
    """Once each row has an answer, lab-check finds no fault."""
    answer_all(mine)
    result = breakfix("lab-check", NAME)
    assert (result.stdout, result.exit_code) == (f"{NAME}: nothing to mend\n", 0)


def test_a_new_lab_of_this_repository_is_one_of_its_packages(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without --in it becomes labs/NAME, imports from there, and has no pyproject.toml."""
    monkeypatch.setattr(labs, "FOLDER", tmp_path)
    assert breakfix("new", NAME).exit_code == 0
    assert f"from labs.{NAME}.checks import" in (tmp_path / NAME / "__init__.py").read_text()
    assert not list(tmp_path.rglob("pyproject.toml"))
    assert not [
        p for p in tmp_path.rglob("*") if p.is_file() and any(word in p.read_text() for word in ("LAB_NAME", "LAB_PACK"))
    ]


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("mine", "labNN_word"),
        ("lab7_mine", "labNN_word"),
        ("../lab77_x", "labNN_word"),
        ("lab06_mine", "lab06_retries"),
        (NAME, "exists already"),
    ],
)
def test_new_refuses_in_one_line(tmp_path: Path, name: str, said: str) -> None:
    """A bad name, a number that is taken and a folder that exists: exit 2, nothing written."""
    (tmp_path / NAME).mkdir()
    result = breakfix("new", name, "--in", tmp_path)
    assert result.exit_code == 2
    assert said in one_complaint(result)
    assert [p.name for p in tmp_path.rglob("*")] == [NAME]


MENDED = {
    "no loser": (
        "fixes/wrong_always_twice.py",
        ', "asked_once": "asks_too_often"',
        "",
        "no repair loses the check asked_once",
    ),
    "no LOSES": ("fixes/wrong_always_twice.py", "LOSES = {", "LOST = {", "it; add LOSES ="),
    "unknown check": (
        "fixes/wrong_always_twice.py",
        '"taken"',
        '"took"',
        "LOSES names 'took'; the checks are: taken, asked_once",
    ),
    "right that loses": (
        "fixes/right_four_attempts.py",
        "ATTEMPTS = 4",
        'ATTEMPTS = 4\nLOSES = {"taken": "x"}',
        "is called right",
    ),
    "missing name": ("fixes/wrong_always_twice.py", "def reserve(", "def book(", "would be refused by the repair cell"),
    "idle scenario": (
        "scenarios.py",
        '    "calm":',
        '    "idle": Scenario("idle", (Phase(1, 1),)),\n    "calm":',
        "nobody needs the scenario 'idle'",
    ),
    "unknown adversity": ("adversities.py", '"error":', '"eror":', "there is no row 'eror'; the rows are: error, late"),
    "adversity left out": ("adversities.py", '"error":', '"late":', "error (A dependency answers with an error): no answer"),
    "adversity without a reason": ("adversities.py", '"an order writes nothing"', '" "', "between_writes ("),
    "scenario that is not": ("adversities.py", '"errors"', '"error"', "unknown scenario 'error'; the scenarios are: errors"),
    "check that is not": ("adversities.py", '"taken"', '"took"', "unknown check 'took'; the checks are: taken, asked_once"),
    "check of another scenario": (
        "adversities.py",
        '"taken"',
        '"asked_once"',
        "the check asked_once reads no run of 'errors'; it reads calm",
    ),
    "no hint": (
        "checks.py",
        '"Look before you ask again: did the first answer come?"',
        '""',
        "the check asked_once has no hint",
    ),
    "no role": ("notebook.py", '# %% breakfix={"role": "live", "id": "live"}', "# %%", '"role": "live"'),
    "no cell": (
        "notebook.py",
        '# %% breakfix={"role": "check", "check": "taken"}\nlab.check("taken")',
        "",
        "no cell for check_taken",
    ),
    "weak reference": ("fixes/right_four_attempts.py", "ATTEMPTS = 4", "ATTEMPTS = 2", "does not pass taken"),
    "broken that earns": ("checks.py", "at_least=0.95, unit", "at_least=0.5, unit", "broken.py earns 4 points in taken"),
}


@pytest.mark.parametrize("case", MENDED)
def test_lab_check_finds(mine: Path, case: str) -> None:
    """Each fault is a line that names its place and the remedy, and the exit code is 1."""
    file, old, new, said = MENDED[case]
    answer_all(mine)
    edit(mine / file, old, new)
    if case == "broken that earns":
        edit(mine / "checks.py", "passed = share >= 0.95", "passed = share >= 0.5")
    result = breakfix("lab-check", NAME)
    assert result.exit_code == 1
    assert any(said in line for line in result.stdout.splitlines()), result.stdout
    assert "nothing to mend" not in result.stdout
