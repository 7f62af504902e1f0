"""Each push compares a third of the labs in both worlds; in turn, all of them."""

from __future__ import annotations

from pathlib import Path

import pytest

import labs
from labs.kit.judging import agreement
from tests.live.rotation import PARTS, VARIABLE, content_of, first_wrong, turn

NAMES = [f"lab{number:02d}" for number in range(8)]


def test_the_parts_together_are_all_labs(monkeypatch: pytest.MonkeyPatch) -> None:
    """No lab is left out and none stands in two parts; the same content gives the same part."""
    monkeypatch.delenv(VARIABLE, raising=False)
    parts = [turn(NAMES, f"{number:x}") for number in range(PARTS)]
    assert sorted(name for part in parts for name in part) == NAMES
    assert max(map(len, parts)) == 3
    assert turn(NAMES, "ff") == turn(NAMES, "ff")


def test_all_may_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """BREAKFIX_COMPARE=all leaves no lab out."""
    monkeypatch.setenv(VARIABLE, "all")
    assert turn(NAMES, "0") == NAMES


def test_a_change_of_any_source_is_another_content(tmp_path: Path) -> None:
    """A file changed or renamed counts; what a virtual environment or the learner holds does not, nor the folder's place."""
    for copy in ("here", "there"):
        (tmp_path / copy / "labs").mkdir(parents=True)
        (tmp_path / copy / "labs" / "a.py").write_text("1")
    here, there = tmp_path / "here", tmp_path / "there"
    assert content_of(here) == content_of(there)
    for folder in (".venv", "work"):
        (there / folder).mkdir()
        (there / folder / "x.py").write_text("2")
    assert content_of(here) == content_of(there)
    (there / "labs" / "a.py").rename(there / "labs" / "b.py")
    assert content_of(here) != content_of(there)


def test_a_change_of_one_lab_moves_no_other_lab_s_turn(tmp_path: Path) -> None:
    """It counts for the lab itself, and not for what all share."""
    file = tmp_path / "labs" / "lab07_x" / "a.py"
    file.parent.mkdir(parents=True)
    file.write_text("1")
    before = [content_of(tmp_path, part) for part in ("", "lab06", "lab07")]
    file.write_text("2")
    after = [content_of(tmp_path, part) for part in ("", "lab06", "lab07")]
    assert before[:2] == after[:2]
    assert before[2] != after[2]
    picked = [set(turn(NAMES, "5", lambda name, moved=moved: str(moved * (name == "lab07")))) for moved in range(PARTS)]
    assert {frozenset(names - {"lab07"}) for names in picked} == {frozenset(picked[0] - {"lab07"})}
    assert sum("lab07" in names for names in picked) == 1


@pytest.mark.parametrize("name", [name for name in labs.names() if agreement.compared(labs.load(name))])
def test_each_lab_can_be_compared(name: str) -> None:
    """Whoever's turn it is, some wrong repair loses a check of the scenario in which it is compared; else LookupError."""
    assert first_wrong(labs.load(name)).startswith("wrong_")
