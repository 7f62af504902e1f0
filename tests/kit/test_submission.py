"""What a repair says of itself: constants that the judge reads, and the scenarios that it makes of them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from labs.kit.judging.evaluate import evaluate
from labs.kit.model.lab import BROKEN, Check, Fix, Lab, Scenario, UnknownName
from labs.kit.model.literals import MOST_CHARACTERS, SubmissionError, literal
from labs.kit.model.load import Phase
from labs.kit.model.names import ANSWER
from labs.kit.model.record import JUDGE
from labs.kit.model.runbook import Desk
from labs.kit.model.verdict import Finding, Status
from labs.kit.worlds.run import run, tailored
from tests.kit.simulated.tiny import NO_FIX, tiny_lab

FORM = 'NAME = "ada"'
SHORT = Scenario("tiny", (Phase(10, 2.0),), settle_s=1.0)


def test_a_constant_is_read_and_not_run() -> None:
    """Whatever else the text does, its constant is what is written."""
    assert literal('import os\nNAME: str = "ada"\nos.abort()\n', "NAME", FORM) == "ada"
    assert literal('ROWS = {"orders": [("requests", 4711)]}', "ROWS", "ROWS = {}") == {"orders": [("requests", 4711)]}
    assert literal("OTHER = 1", "NAME", FORM) is None
    assert literal("no python", "NAME", FORM) is None


@pytest.mark.parametrize(
    ("source", "said"),
    [
        ("NAME = open('x').read()", "no literal|not a literal"),
        ('NAME = f"{1}"', "not a literal"),
        ("NAME = {1: 2, 1: 3}", "not a literal"),
        ("NAME = None", "is None"),
        ("NAME: str", "not a literal"),
        ("NAME = 'a'\nNAME = 'b'", "must be set once"),
        ("if True:\n    NAME = 'a'", "must be set once"),
        (f"NAME = '{'a' * MOST_CHARACTERS}'", "longer than"),
    ],
)
def test_what_cannot_be_read_is_told_in_one_line(source: str, said: str) -> None:
    """The line names the constant and the form that it should have."""
    with pytest.raises(SubmissionError, match=said) as caught:
        literal(source, "NAME", FORM)
    assert "NAME" in str(caught.value)
    assert FORM in str(caught.value)
    assert "\n" not in str(caught.value)


def asks(source: str, scenario: Scenario) -> Scenario:
    """The scenario with the name that the repair gives as its answer."""
    return scenario.with_(answer=literal(source, "NAME", FORM) or "")


def test_an_answer_is_the_judges_own_word() -> None:
    """It is an event of the record, by the judge, and changes nothing else of the run."""
    lab = replace(tiny_lab("plain"), tailored=asks)
    told, without = (run(lab, Fix("mine", text), "simulated", SHORT, 3) for text in ('NAME = "ada"', ""))
    assert [(e.time, e.subject, e.detail, e.by) for e in told.believed().events(ANSWER)] == [(0.0, "tiny", "ada", JUDGE)]
    assert without.events(ANSWER) == []
    assert told.requests() == without.requests()


@pytest.mark.parametrize("text", ["NAME = open('x')", 'NAME = "ada"\nRUNBOOK = "nothing"'])
def test_a_text_that_cannot_be_read_ends_its_runs(text: str) -> None:
    """It does not raise: the run is over before it began, and says why, as one with a repair that does not load."""

    def with_book(source: str, scenario: Scenario) -> Scenario:
        return asks(source, scenario).with_(runbook=literal(source, "RUNBOOK", "RUNBOOK = ''") or "")

    lab = replace(tiny_lab("plain"), tailored=with_book, desk=Desk(restarts=("me",)))
    ended = run(lab, Fix("mine", text), "simulated", SHORT, 3)
    assert ended.status is Status.CRASHED
    assert ended.info.detail.startswith("Your text cannot be read: ")
    assert ended.requests() == []


def test_some_services_take_part() -> None:
    """The others are not started, and the load goes to the scenario's own entry."""
    lab = tiny_lab("plain", calls_peer=True)
    alone = run(lab, NO_FIX, "simulated", SHORT.with_(services=("peer",), entry="peer"), 3)
    assert alone.links() == ["load->peer"]
    assert alone.requests("load->peer")
    assert lab.taking_part(SHORT) is lab
    with pytest.raises(ValueError, match="leaves out peer"):
        lab.taking_part(SHORT.with_(services=("me",)))
    with pytest.raises(UnknownName, match="unknown service 'shop'"):
        lab.taking_part(SHORT.with_(entry="shop"))


class Own(Lab):
    """A lab whose broken code is at hand: it has no folder."""

    def fix(self, name: str) -> Fix:
        """Nothing, under any name."""
        return Fix(name, "")


def test_an_exhibit_is_the_same_for_all() -> None:
    """Whatever the repair, the seed and the judge's secret: the broken code, the exhibit's seed, no secret; made once."""
    runs_made: set[int] = set()

    def judge(runs: dict) -> Finding:
        seen = runs["tiny"]
        assert (seen.info.fix, seen.info.seed) == (BROKEN, 7)
        return Finding(True, float(len(seen.requests())), "seen", "Seen.")

    lab = replace(tiny_lab("plain"), scenarios={"tiny": SHORT.with_(exhibit=7)})
    lab = Own(**{name: getattr(lab, name) for name in Lab.__dataclass_fields__})
    lab = replace(lab, checks=(Check("seen", "", ("tiny",), judge, 0, "at least", "", "", points=1),))
    assert tailored(lab, NO_FIX, lab.scenario("tiny").with_(secret="s")).secret == ""
    mine = Fix("mine", "x = 1")
    [verdict] = evaluate(lab, mine, (0, 1, 2), private="secret", progress=lambda done, of: runs_made.add(of))
    assert verdict.status is Status.PASS
    assert runs_made == {1}
