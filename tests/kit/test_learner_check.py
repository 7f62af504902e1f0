"""What the learner is told of a repair and of a diagnosis, and what is kept of it."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import labs
from labs.kit.judging import evaluate
from labs.kit.model.verdict import Status, Verdict
from labs.kit.notebook.workspace import Workspace
from tests.kit.learner_lab import BROKEN, HALF, NAME, RIGHT, Cell, World, fix

RIGHT_ANSWER = '%%diagnosis\n{"line": 5, "cause": "n"}'


# Verdicts ------------------------------------------------------------------------------------------------------------


def test_untouched_code_earns_nothing_and_is_not_run(cell: Cell, world: World) -> None:
    """Before a repair, and with the broken or a blank cell, each check is not attempted and worth 0."""
    assert "run the repair cell (%%fix) first" in cell('lab.check("doubled")')
    for source in (BROKEN, "", "# mine\n" + BROKEN):
        cell(fix(source))
        assert "NOT ATTEMPTED" in cell('lab.check("doubled")')
        assert cell('float(lab.check("doubled"))').endswith("0.0\n")
    assert world.runs == []


def test_a_repair_is_evaluated_once(cell: Cell, world: World) -> None:
    """The first check evaluates every scenario at three seeds; other checks and other sessions only read."""
    cell(fix(RIGHT))
    assert cell('lab.check("doubled")').splitlines()[0] == "PASSED: Numbers are doubled (doubled), 4 of 4 points"
    assert sorted(run[1:] for run in world.runs) == [(s, n) for s in ("calm", "outage") for n in (0, 1, 2)]
    cell('lab.check("answers")')
    cell(f'lab = labs.open_lab("{NAME}")')
    cell(fix(RIGHT))
    assert cell('lab.check("doubled")').endswith("Out[0]: 4\n")
    assert len(world.runs) == 6


def test_another_text_is_another_evaluation(cell: Cell, world: World) -> None:
    """A changed repair is judged anew; going back to the old one costs nothing."""
    for source, points in ((RIGHT, "4"), (HALF, "0"), (RIGHT, "4")):
        cell(fix(source))
        assert cell('lab.check("doubled")').endswith(f"Out[0]: {points}\n")
    assert len(world.runs) == 12


def test_a_failed_check_tells_measured_goal_and_hint(cell: Cell) -> None:
    """A check that fails says what was measured, the goal, why, and a hint."""
    cell(fix(HALF))
    assert cell('lab.check("doubled")').splitlines() == [
        "FAILED: Numbers are doubled (doubled), 0 of 4 points",
        "  Measured 0.5 of all; goal: at least 1 of all",
        "  50% of the numbers were doubled. (Failed on 3 of 3 seeds.)",
        "  Judged: version 1 of your repair, the %%fix cell as it was last run.",
        "  Hint: Is 2 a factor?",
        "Out[0]: 0",
    ]


def test_a_damaged_cache_is_evaluated_again(cell: Cell, world: World) -> None:
    """Verdicts on disk that cannot be read, or that are another lab's, are not believed."""
    for content in ("{", "[]", '[{"check": "doubled"}]', "5"):
        cell(fix(RIGHT))
        cell('lab.check("doubled")')
        for file in Workspace(NAME).verdicts_folder.iterdir():
            file.write_text(content)
        cell(f'lab = labs.open_lab("{NAME}")')
    assert len(world.runs) == 24


def test_what_says_nothing_of_the_repair_is_not_kept(cell: Cell, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A measurement that was bad is shown by each check, and tried again when one is asked again; it is no attempt."""
    calls = []

    def bad(*args: object, **kwargs: object) -> list[Verdict]:
        calls.append(args)
        verdicts = evaluate.not_attempted(labs.load(NAME))
        return [Verdict(v.check, Status.INVALID, 0, v.max_points, None, v.goal, v.unit, "Bad.", "") for v in verdicts]

    monkeypatch.setattr(evaluate, "evaluate", bad)
    cell(fix(RIGHT))
    for name in ("doubled", "answers"):
        assert "INVALID MEASUREMENT" in cell(f'lab.check("{name}")')
    assert len(calls) == 1
    cell('lab.check("doubled")')
    cell('lab.check("answers")')
    assert len(calls) == 2
    assert json.loads((tmp_path / "work" / NAME / "progress.json").read_text())["attempts"] == []


def test_live_verdicts_wait_while_live_runs_are_off(cell: Cell, world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where live runs judge, BREAKFIX_LIVE=off leaves a repair unjudged, and says so; nothing is run in its place."""
    monkeypatch.setenv("BREAKFIX_LIVE", "off")
    cell("lab.checking.lab = lab.lab = __import__('dataclasses').replace(lab.lab, checks=tuple("
         "__import__('dataclasses').replace(c, world='live') for c in lab.lab.checks))")  # fmt: skip
    cell(fix(RIGHT))
    assert "Not judged: that takes live runs, and BREAKFIX_LIVE=off." in cell('lab.check("doubled")')
    assert world.runs == []


# The diagnosis -------------------------------------------------------------------------------------------------------


def test_the_diagnosis_is_not_told_before_a_repair_was_judged(cell: Cell) -> None:
    """A right and a wrong answer look the same until a repair has been judged: it cannot be guessed out."""
    right = cell(RIGHT_ANSWER) + cell('lab.check("diagnosis")')
    wrong = cell('%%diagnosis\n{"line": 7, "cause": "2n"}') + cell('lab.check("diagnosis")')
    assert right == wrong
    assert "NOTED" in right
    assert "the form is right" in right
    assert right.endswith("Out[0]: 0\n")


def test_the_diagnosis_is_told_after_a_repair_was_judged(cell: Cell) -> None:
    """Once a repair other than the broken code was judged, the answer earns its points; which is wrong is not told."""
    cell(RIGHT_ANSWER)
    cell(fix(BROKEN))
    cell('lab.check("doubled")')
    assert "NOTED" in cell('lab.check("diagnosis")')
    cell(fix(HALF))
    cell('lab.check("doubled")')
    assert cell('lab.check("diagnosis")').endswith("Out[0]: 2\n")
    cell('%%diagnosis\n{"line": 7, "cause": "n"}')
    out = cell('lab.check("diagnosis")')
    assert "1 of 2 right." in out
    assert "line" not in out
    assert "It returns n" not in out
    assert out.endswith("Out[0]: 1\n")


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ('{"line": "five", "cause": "n"}', "`line` is 'five'; expected a line number."),
        ("{'line': 2 + 3}", "`2 + 3` would have to be computed"),
        ("", "The answer is empty"),
        ('{"line": 5, "cause": None}', "Not answered yet: cause."),
    ],
)
def test_the_form_of_a_diagnosis_is_told_at_once(cell: Cell, text: str, told: str) -> None:
    """An answer that has not the right form says so in its own cell, and earns nothing."""
    assert told in cell(f"%%diagnosis\n{text}\n")
    assert cell('lab.check("diagnosis")').endswith("Out[0]: 0\n")


def test_an_untouched_diagnosis_is_not_attempted(cell: Cell) -> None:
    """With None everywhere, or no cell at all, the diagnosis is not attempted."""
    assert "NOT ATTEMPTED" in cell('lab.check("diagnosis")')
    cell('%%diagnosis\n{"line": None, "cause": None}')
    assert "NOT ATTEMPTED" in cell('lab.check("diagnosis")')


def test_a_new_kernel_remembers_the_diagnosis_and_the_runbook(cell: Cell) -> None:
    """What was noted in an earlier session is judged in this one."""
    cell(fix(RIGHT))
    cell('lab.check("doubled")')
    cell('%%diagnosis\n{"line": 5, "cause": "n"}')
    cell("%%runbook\n# What to do\n")
    assert "PASSED: Diagnosis" in cell(f'import labs\nlab = labs.open_lab("{NAME}")\nlab.check("diagnosis")')
    assert "# What to do" in cell("print(lab.runbook_text)")
