"""The same facts of every lab, found by discovery; `make release-check` runs all repairs, at 20 seeds."""

from __future__ import annotations

import ast
from collections.abc import Mapping, Sequence
from typing import Any

import pytest

import labs
from grader import build
from labs.kit.judging import audit
from labs.kit.judging.diagnosis import judge_diagnosis
from labs.kit.judging.evaluate import attempted, evaluate, not_attempted
from labs.kit.judging.evidence import own_records
from labs.kit.judging.expectations import disagreements, expectations
from labs.kit.judging.fix_cell import problems
from labs.kit.model.lab import BROKEN, REFERENCE, YOURS, Fix, Lab
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status, Verdict, maximum, total
from labs.kit.notebook import results
from labs.kit.notebook.repair_cell import shipped

SEEDS = (0, 1, 2)
LABS = [labs.load(name) for name in labs.names()]
PUSHED = 1
"""Right repairs that each push runs on the first seed, beside the reference on all."""
PUSHED_SHOWN = 3
"""At most so many wrong ones, of those that the page shows in its table: all are handed over as the page does, so the runs
that building it made are read again."""
PUSHED_LIVE = 1
"""Wrong ones where live runs judge, each of which takes most of a minute."""


def case(lab: Lab, *more: str) -> Any:
    """One case of a test that judges repairs: where live runs do, it waits until the machine is nearly idle."""
    live = any(check.world == "live" for check in lab.checks)
    return pytest.param(lab, *more, marks=[pytest.mark.alone] if live else [], id="-".join((lab.name, *more)))


def repairs(prefix: str) -> list[Any]:
    """Some repairs of a kind in each lab; knife-edge ones are only shown, by `make release-check`."""
    found = []
    for lab in LABS:
        names = [n for n in lab.fix_names() if n.startswith(prefix) and n != lab.reference]
        asserted = [n for n in names if expectations(lab.fix(n).source).knife_edge is None]
        found += [case(lab, name) for name in pushed(lab, asserted)]
    return found


def pushed(lab: Lab, names: list[str]) -> list[str]:
    """Those of the repairs that each push runs."""
    if lab.judged_live:
        return names[:PUSHED_LIVE]
    shown = lab.policies.rows.values() if lab.policies is not None else ()
    return [name for name in names if name in shown][:PUSHED_SHOWN] or names[:PUSHED]


def lost(verdicts: list[Verdict]) -> dict[str, str]:
    """Each check that did not pass, with its reason."""
    return {v.check: v.reason for v in verdicts if v.status is not Status.PASS}


def as_in_the_solution(lab: Lab) -> Fix:
    """The reference as the solution's repair cell hands it over."""
    return Fix(YOURS, shipped(lab, REFERENCE).source)


every_lab = pytest.mark.parametrize("lab", LABS, ids=lambda lab: lab.name)
judges_every_lab = pytest.mark.parametrize("lab", [case(lab) for lab in LABS])


def test_there_are_labs() -> None:
    """Discovery finds the labs: without them, every other test here would pass unasked."""
    assert "lab06_retries" in labs.names()


@judges_every_lab
def test_the_broken_code_earns_exactly_zero(lab: Lab) -> None:
    """Run and judged like any repair, the broken code passes the lab's own gates, and loses every graded point.

    One seed is enough for the points: a check that fails on one has failed, whatever the others say.
    """
    verdicts = evaluate(lab, shipped(lab, BROKEN), SEEDS[:1])
    assert total(verdicts) == 0
    passed = {v.check for v in verdicts if v.status is Status.PASS}
    assert passed - {audit.NAME} == {c.name for c in lab.checks if c.gate} - {audit.NAME}
    assert all(v.status is Status.FAIL for v in verdicts if not v.gate), "fails by what it does, not by breaking off"


@every_lab
def test_every_check_has_a_cell(lab: Lab) -> None:
    """Gates too: what a learner loses points for, the page says."""
    chapter = (lab.folder / "notebook.py").read_text(encoding="utf-8")
    assert [check.name for check in lab.checks if f'lab.check("{check.name}")' not in chapter] == []


@every_lab
def test_untouched_and_blank_code_earn_exactly_zero(lab: Lab) -> None:
    """Untouched, reformatted, commented or blank: nobody has begun, and the points are zero."""
    broken = lab.fix("broken").source
    for source in ("", "\n\n", "# nothing yet\n", broken, "# mine now\n" + broken, ast.unparse(ast.parse(broken))):
        assert not attempted(lab, source)
    assert total(not_attempted(lab)) == 0
    assert {v.status for v in not_attempted(lab)} == {Status.NOT_ATTEMPTED}


@judges_every_lab
def test_code_that_cannot_run_earns_exactly_zero(lab: Lab) -> None:
    """A repair without the names that the services need is a crash that says which name, in every check of what it runs in.

    What is handed in as data, and runs nowhere, is judged as data that is not there, or ends its evenings with a line.
    """
    verdicts = evaluate(lab, Fix("mine", "x = 1\n"), SEEDS[:1])
    assert total(verdicts) == 0
    runs = any(service.runs_fix for service in lab.services)
    crashed = [v for v, check in zip(verdicts, lab.checks, strict=True) if runs and not check.part]
    assert {v.status for v in crashed} == ({Status.CRASHED} if runs else set())
    assert all("AttributeError" in v.message for v in crashed)
    rest = [v for v in verdicts if v not in crashed and not v.gate]
    assert {v.status for v in rest} <= {Status.FAIL, Status.CRASHED}
    assert all(v.message for v in rest)


@judges_every_lab
def test_the_reference_earns_all(lab: Lab) -> None:
    """The repair that the solution shows passes every check and gate."""
    verdicts = evaluate(lab, as_in_the_solution(lab), SEEDS)
    assert lost(verdicts) == {}
    assert total(verdicts) == maximum(verdicts) == lab.max_points


@judges_every_lab
def test_the_reference_earns_all_on_private_variations(lab: Lab) -> None:
    """What the autograder varies does not take points from a right repair."""
    assert lost(evaluate(lab, as_in_the_solution(lab), (11,), private="a secret of this test")) == {}


@pytest.mark.parametrize(("lab", "name"), repairs("right_"))
def test_a_right_repair_earns_all(lab: Lab, name: str) -> None:
    """Another design, the same points."""
    verdicts = evaluate(lab, shipped(lab, name), SEEDS[:1])
    assert lost(verdicts) == {}
    assert total(verdicts) == lab.max_points


@pytest.mark.parametrize(("lab", "name"), repairs("wrong_"))
def test_a_wrong_repair_loses_what_its_file_says(lab: Lab, name: str) -> None:
    """It loses these checks, no others, and each for the reason it stands for."""
    verdicts = evaluate(lab, shipped(lab, name), SEEDS[:1])
    assert disagreements(name, expectations(lab.fix(name).source), lost(verdicts)) == []
    assert total(verdicts) < lab.max_points


@every_lab
def test_there_are_enough_repairs(lab: Lab) -> None:
    """Three right repairs of different design, five wrong ones that fail for more than one reason."""
    right = [n for n in lab.fix_names() if n.startswith("right_")]
    wrong = [expectations(lab.fix(n).source) for n in lab.fix_names() if n.startswith("wrong_")]
    assert len(right) >= 3
    assert len(wrong) >= 5
    assert len({tuple(sorted(w.loses.items())) for w in wrong}) >= 3


@every_lab
def test_every_repair_exports_what_the_services_need(lab: Lab) -> None:
    """No repair that ships would be refused by the repair cell."""
    broken = lab.fix("broken").source
    for name in lab.fix_names():
        assert problems(lab.fix(name).source, broken) == [], name


@every_lab
def test_every_check_can_fail_and_says_what_to_do(lab: Lab) -> None:
    """Each check has a title, a unit, a goal, a hint, and a repair or the broken code that loses it."""
    losers = {check for n in lab.fix_names() for check in expectations(lab.fix(n).source).loses}
    for check in lab.checks:
        assert check.title, check.name
        assert check.unit, check.name
        assert check.hint, check.name
        assert check.bound in ("at least", "at most"), check.name
        assert check.needs, check.name
        assert check.gate == (check.points == 0), f"{check.name}: a gate awards nothing, a graded check something"
        assert check.name in {*losers, audit.NAME}, f"no repair in fixes/ loses {check.name}: a check that cannot fail"


@every_lab
def test_the_diagnosis_can_be_answered(lab: Lab) -> None:
    """Each question tells what it asks and in which form, and why its answer is right."""
    assert lab.diagnosis.questions
    assert lab.diagnosis.points > 0
    for question in lab.diagnosis.questions:
        assert question.ask, question.name
        assert question.form, question.name
        assert question.why, question.name
        assert not question.well_formed(None), f"{question.name}: the release's blank must not count as an answer"


@every_lab
def test_the_solution_s_diagnosis_is_right_on_its_own_record(lab: Lab) -> None:
    """It earns all, on runs with its own seed. An id that is in none of them is wrong."""
    (cell,) = (c for c in build.source(lab).cells if c.metadata.get("nbgrader", {}).get("grade_id") == "diagnosis")
    made: dict[str, Run] = {}

    def kept(names: Sequence[str], seed: int) -> Mapping[str, Run]:
        made.update(own_records(lab, names, seed))
        return made

    assert judge_diagnosis(lab.diagnosis, cell.source, kept).points == lab.diagnosis.points
    for question in lab.diagnosis.questions:
        if question.needs and question.well_formed("no-such-id"):
            assert not question.right("no-such-id", made), question.name
    assert set(made) == set(lab.diagnosis.needs)


@every_lab
def test_the_page_predicts_what_the_lab_asks_for(lab: Lab) -> None:
    """Each prediction of the page is one that the lab knows, with a value of its kind: none would be refused."""
    lines = (lab.folder / "notebook.py").read_text(encoding="utf-8").splitlines()
    parsed = [ast.parse(line).body[0] for line in lines if line.startswith("lab.predict(")]
    calls = [line.value for line in parsed if isinstance(line, ast.Expr) and isinstance(line.value, ast.Call)]
    asked = {**{name: unit for name, (_, unit) in lab.measures.items()}, **lab.foretold}
    assert calls
    for call in calls:
        name, value, *unit = (ast.literal_eval(argument) for argument in call.args)
        assert results.no_prediction(asked, name, value, unit[0] if unit else asked.get(name, "")) == ""


@every_lab
def test_there_are_hints_and_a_runbook(lab: Lab) -> None:
    """Hints open one at a time, so there are several; the runbook entry is there to compare with."""
    assert len(lab.hints) >= 3
    assert (lab.folder / "runbook.md").is_file()
