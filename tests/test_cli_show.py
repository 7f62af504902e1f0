"""`breakfix show`: the text of a repair, and what differs from the one that it changes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

import labs
from labs.kit.model.lab import Lab
from tests.cli import breakfix, one_complaint
from tests.kit import learner_lab

LAB = labs.load("lab06")


@pytest.fixture
def lab(tmp_path: Path) -> Iterator[Lab]:
    """A lab whose repairs this test may write."""
    yield learner_lab.install(tmp_path)
    learner_lab.remove(tmp_path)


def difference(*arguments: str) -> tuple[list[str], list[str]]:
    """What `show --diff` prints: the words before the difference, and the lines that are taken away and added."""
    result = breakfix("show", *arguments, "--diff")
    assert (result.exit_code, result.stderr) == (0, "")
    words, _, lines = result.stdout.partition("\n\n")
    changed = [line for line in lines.splitlines() if line.startswith(("-", "+"))]
    return words.splitlines(), changed


@pytest.mark.parametrize("name", ["broken", "reference", "right_budget", "wrong_queue_bound_60"])
def test_prints_the_whole_text(name: str) -> None:
    """It is the text that runs, byte for byte, whether the file is whole or an edit."""
    result = breakfix("show", "lab06", name)
    assert (result.exit_code, result.stderr) == (0, "")
    assert result.stdout == LAB.fix(name).source


def test_the_difference_of_an_edit_is_from_its_sibling() -> None:
    """Its losses come first, in words with the titles of the checks; then the lines that make the difference."""
    words, changed = difference("lab06", "wrong_queue_bound_60")
    assert words[0] == "lab06_retries wrong_queue_bound_60"
    assert words[1] == f"loses recovers ({LAB.check('recovers').title}): retries sustain it"
    assert [line.split(" ")[1] for line in words[1:]] == ["recovers", "recovers_long", "amplification"]
    assert changed[:2] == ["--- lab06_retries/right_queue_bound", "+++ lab06_retries/wrong_queue_bound_60"]
    assert changed[-2:] == ["-BOUND = 15", "+BOUND = 60"]


def test_the_difference_of_a_whole_repair_is_from_the_broken_code() -> None:
    """A right one loses nothing, and says so."""
    words, changed = difference("lab06", "right_all")
    assert words == ["lab06_retries right_all", "says that it loses no check"]
    assert changed[:2] == ["--- lab06_retries/broken", "+++ lab06_retries/right_all"]
    assert "-ATTEMPTS = 4" in changed


def test_the_difference_tells_of_edges_and_of_live_runs() -> None:
    """KNIFE_EDGE and LIVE_MAY_DIFFER are told beside the losses."""
    assert any(line.startswith("on a knife-edge: ") for line in difference("lab06", "edge_queue_bound_22")[0])
    assert any(line.startswith("live runs may judge kept otherwise: ") for line in difference("lab08", "wrong_threads")[0])


def test_the_broken_code_differs_from_nothing() -> None:
    """It is where the others begin."""
    assert difference("lab06", "broken")[1] == []


def test_a_repair_cannot_reach_the_terminal(lab: Lab) -> None:
    """Escape sequences in a file are printed as text."""
    (lab.folder / "fixes" / "wrong_loud.py").write_text('X = "\x1b[31m"\n')
    assert breakfix("show", lab.name, "wrong_loud").stdout == 'X = "\\x1b[31m"\n'


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("lab06", "wrong_bond"), "unknown repair 'wrong_bond'; the valid ones are: broken, reference, edge_queue_bound_22"),
        (("lab99", "broken"), "unknown lab 'lab99'; the labs are: lab00_signals"),
        (("lab06",), "Missing argument 'REPAIR'"),
    ],
)
def test_unknown_names(arguments: tuple[str, ...], said: str) -> None:
    """One line with the valid names, and exit code 2."""
    result = breakfix("show", *arguments)
    assert result.exit_code == 2
    assert said in one_complaint(result)


@pytest.mark.parametrize("more", [(), ("--diff",)])
def test_a_repair_that_cannot_be_put_together(lab: Lab, more: tuple[str, ...]) -> None:
    """One line that names the file, the old text and the remedy, and exit code 2; the other repairs are shown."""
    (lab.folder / "fixes" / "wrong_bad.py").write_text('LIKE = "right_twice"\nCHANGED = {"nowhere": ""}\n')
    result = breakfix("show", lab.name, "wrong_bad", *more)
    assert result.exit_code == 2
    told = one_complaint(result)
    assert f"{lab.name}/fixes/wrong_bad.py, in the text of right_twice: the old text 'nowhere' is missing" in told
    assert "copy it again" in told
    assert breakfix("show", lab.name, "right_twice", *more).exit_code == 0
