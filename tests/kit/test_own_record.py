"""Evidence in a diagnosis and a rule that pages: judged on runs of the broken code with the learner's own seed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import pytest

import labs
from labs.kit.judging import evidence as own
from labs.kit.judging.diagnosis import form, judge_diagnosis, unanswered
from labs.kit.judging.evidence import NoRecord, own_records, own_scenario
from labs.kit.model.declare import alert_rule, evidence, is_number, whole
from labs.kit.model.lab import Diagnosis
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from tests.kit.handmade import make_request, make_run
from tests.kit.learner_lab import NAME, RIGHT, Cell, World, fix

WATCHED = {"calm": None, "outage": 3.0}


def failed_at(run: Run) -> list[float]:
    """The seconds at which requests came that failed."""
    return [r.intended for r in run.requests() if not r.ok]


def fires_at(run: Run, above: float) -> float | None:
    """The second of the first request beyond `above` that failed."""
    return next(iter(failed_at(run)[int(above) :]), None)


def failed(run: Run, request: str) -> bool:
    """Did this request fail?"""
    return any(r.request_id == request and not r.ok for r in run.requests())


ASKED = Diagnosis(
    (
        whole("line", "which line?", 12, why="It is 12."),
        evidence("lost", "a request that failed", "outage", failed, why="It has no answer."),
        alert_rule(
            "a rule", {"above": is_number}, WATCHED, fires_at, within_s=2.0, form='{"above": failures}', why="One is none."
        ),
    ),
    3,
    "Look closer.",
)


def records(names: Sequence[str], seed: int) -> Mapping[str, Run]:
    """A calm run with one failure; an outage from second 3 on, in which requests are named by the seed."""
    calm = [make_request(1.0, status=500), make_request(2.0)]
    outage = [make_request(n, status=200 if n < 3 else 500, request_id=f"r{seed}-{n}") for n in range(8)]
    runs = {"calm": make_run(calm), "outage": make_run(outage)}
    return {name: runs[name] for name in names}


def answer(**changed: object) -> str:
    """The right answer for the seed 7, with these values in place of others."""
    return repr({"line": 12, "seed": 7, "lost": "r7-4", "alert": {"above": 1}} | changed)


@pytest.mark.parametrize(
    ("changed", "points", "told"),
    [
        ({}, 3, "3 of 3 right"),
        ({"seed": 8}, 2, "lost: not 'r7-4', in your record with the seed 8."),
        ({"lost": "r7-2"}, 2, "lost: not 'r7-2'"),
        ({"lost": "r7-99"}, 2, "lost: not 'r7-99'"),
        ({"lost": 4}, 2, "lost: 4 is not of the form"),
        ({"alert": {"above": 0}}, 2, "alert: not {'above': 0}"),
        ({"alert": {"above": 3}}, 2, "alert: not {'above': 3}"),
        ({"alert": {"above": 99}}, 2, "alert: not {'above': 99}"),
        ({"alert": {"above": "many"}}, 2, "alert: {'above': 'many'} is not of the form"),
        ({"alert": {"above": 1, "of": 2}}, 2, "is not of the form"),
        ({"seed": 0}, 1, "lost: not judged, for the seed is 0; expected a whole number from 1 to 999999."),
        ({"seed": True}, 1, "lost: not judged, for the seed is True"),
        ({"seed": None}, 1, "alert: not judged, for the seed is None"),
    ],
)
def test_evidence_and_rule_are_judged_on_the_learners_own_record(
    changed: dict[str, object], points: float, told: str
) -> None:
    """A healthy row, another seed, a rule too nervous or too slow or mute, another form: each loses its own point."""
    verdict = judge_diagnosis(ASKED, answer(**changed), records)
    assert verdict.points == points
    assert told in verdict.message


def test_only_the_runs_that_an_answer_needs_are_made() -> None:
    """No run is made for an answer without evidence, or without a seed."""
    asked: list[tuple[Sequence[str], int]] = []

    def counting(names: Sequence[str], seed: int) -> Mapping[str, Run]:
        asked.append((tuple(names), seed))
        return records(names, seed)

    judge_diagnosis(ASKED, answer(lost=None, alert=None), counting)
    judge_diagnosis(ASKED, answer(seed=None), counting)
    assert asked == []
    judge_diagnosis(ASKED, answer(alert=None), counting)
    judge_diagnosis(ASKED, answer(), counting)
    assert asked == [(("outage",), 7), (("outage", "calm"), 7)]


def test_the_seed_is_asked_for_and_earns_nothing() -> None:
    """It is a field of the form; an answer with the seed alone is not attempted."""
    assert [q.name for q in ASKED.fields] == ["seed", "line", "lost", "alert"]
    assert unanswered(ASKED, "{}") == ["seed", "line", "lost", "alert"]
    assert form(ASKED, answer(seed=0)) == ["`seed` is 0; expected a whole number from 1 to 999999."]
    alone = judge_diagnosis(ASKED, answer(line=None, lost=None, alert=None), records)
    assert alone.status is Status.NOT_ATTEMPTED


def test_a_diagnosis_without_evidence_asks_for_no_seed() -> None:
    """Its fields are its questions."""
    asked = Diagnosis(ASKED.questions[:1], 1, "")
    assert [q.name for q in asked.fields] == ["line"]


# In the notebook and in the gradebook ---------------------------------------------------------------------------------

ASKS = """
from dataclasses import replace
from labs.kit.model.declare import evidence
shows = lambda run, a: a == "r3" and len(run.requests()) == 10
asked = evidence("lost", "a request that failed", "outage", shows, why="No answer.")
d = replace(lab.lab.diagnosis, questions=(*lab.lab.diagnosis.questions, asked), points=3)
lab.lab = lab.checking.lab = lab.cell.lab = replace(lab.lab, diagnosis=d)
"""


def test_an_own_record_is_run_and_looked_through(cell: Cell, world: World) -> None:
    """`own` runs the broken code with the seed; `requests` lists ids, those that failed or those of a later second."""
    out = cell("mine = lab.own(7)")
    assert "seed 7" in out
    assert world.runs[-1][1:] == ("outage", 7)
    listed = cell("lab.requests(mine, from_s=3, failed=True)")
    assert "Requests that failed, seed 7, from second 3 on: 7." in listed
    assert "r3" in listed
    assert "r2" not in listed
    assert "Requests that were answered 2xx, seed 7, from second 0 on: 1." in cell("lab.requests(mine, failed=False)")


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("print(lab.own(None))", "Choose a number of your own, a whole number from 1 to 999999"),
        ("lab.own(0)", "the seed of your own record is 0; expected a whole number from 1 to 999999"),
        ("lab.own(7, 'flood')", "unknown scenario 'flood'; the valid ones are: outage, calm"),
        ("lab.requests(None)", "There is no run yet"),
        ("lab.requests('mine')", "'mine' is no run"),
        ("lab.requests(lab.own(7), link='load->bank')", "no link 'load->bank' in this run; the links are: load->shop"),
    ],
)
def test_what_is_no_record_is_told_in_a_line(cell: Cell, source: str, told: str) -> None:
    """The value, what was expected, what to do."""
    assert told in cell(source)


def test_the_check_makes_the_run_once_and_names_nothing_wrong(cell: Cell, world: World) -> None:
    """The evidence is judged on a run with the seed that the answer names, made once; a wrong one is only counted."""
    cell(ASKS)
    cell(fix(RIGHT))
    cell('lab.check("doubled")')
    before = len(world.runs)
    cell('%%diagnosis\n{"seed": 7, "line": 5, "cause": "n", "lost": "r4"}')
    out = cell('lab.check("diagnosis")')
    assert "2 of 3 right." in out
    assert "r4" not in out
    assert cell('print(lab.check("diagnosis").verdict.reason)').endswith("some_wrong\n")
    cell('%%diagnosis\n{"seed": 7, "line": 5, "cause": "n", "lost": "r3"}')
    assert "PASSED: Diagnosis" in cell('lab.check("diagnosis")')
    assert [(scenario, seed) for _, scenario, seed in world.runs[before:]] == [("outage", 7)]


def test_names_in_an_own_record_follow_from_the_seed(cell: Cell) -> None:
    """Two seeds have two secrets, one seed has one; the scenario is the lab's otherwise."""
    lab = labs.load(NAME)
    one, again, two = (own_scenario(lab, "outage", seed) for seed in (7, 7, 8))
    assert one == again
    assert one.secret != two.secret
    assert one.with_(secret="") == lab.scenario("outage")


def test_a_machine_that_cannot_run_the_broken_code_is_no_wrong_answer(cell: Cell, monkeypatch: pytest.MonkeyPatch) -> None:
    """It raises, so that a submission is left ungraded; in the notebook the check says so, and keeps no points back."""
    lab = labs.load(NAME)
    failed = make_run([], status=str(Status.INFRA_ERROR), detail="no memory")
    monkeypatch.setattr(own, "steady_run", lambda *_: failed)
    with pytest.raises(NoRecord, match=r"the broken code could not be run in 'outage' with the seed 7: no memory"):
        own_records(lab, ["outage"], 7)
    cell(ASKS)
    cell(fix(RIGHT))
    cell('lab.check("doubled")')
    cell('%%diagnosis\n{"seed": 7, "line": 5, "cause": "n", "lost": "r3"}')
    assert "Not judged, run this cell again: the broken code could not be run" in cell('lab.check("diagnosis")')
    monkeypatch.undo()
    assert "PASSED: Diagnosis" in cell('lab.check("diagnosis")')
