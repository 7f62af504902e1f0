"""`breakfix mutate`: small slips in right repairs, and which of them the checks notice."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

import labs
from breakfix.commands import mutate
from labs.kit.model.lab import Check, Fix, Lab
from labs.kit.model.record import Run
from labs.kit.model.verdict import Finding, Status
from labs.kit.worlds import run as worlds
from tests.cli import breakfix, one_complaint
from tests.kit.handmade import make_run

NAME = "lab06_retries"
LAB = labs.load(NAME)
RIGHT = "LIMIT = 15\n\n\ndef f(x):\n    x.keep(LIMIT)\n    x.tell()\n"
"""Its mutants: LIMIT is 1 or 150, keep() or tell() left out."""
TOLD = ("f", "statement", "x.tell()", "pass", "nobody listens")


class Shelf(Lab):
    """A lab whose right repairs and folder are those of a test."""

    fixes: Mapping[str, str] = {}
    place = Path()

    @property
    def folder(self) -> Path:
        """Where survivors.py is."""
        return self.place

    def fix_names(self) -> list[str]:
        """broken, reference and those given."""
        return ["broken", "reference", *self.fixes]

    def fix(self, name: str) -> Fix:
        """One of those given."""
        return Fix(name, self.fixes[name])


@pytest.fixture
def judged(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> list[str]:
    """The sources that were run: a run is as its repair's source says, and no run takes time.

    A limit above 100 crashes, one below 10 loses the graded check, and a repair that keeps nothing fails the gate.
    """
    ran: list[str] = []
    seen: dict[str, str] = {}

    def graded(runs: Mapping[str, Run]) -> Finding:
        source = seen[runs["outage"].info.fix_sha]
        return Finding("LIMIT = 1\n" not in source, 1.0, "too_few", "Seen.")

    def gate(runs: Mapping[str, Run]) -> Finding:
        return Finding("x.keep(LIMIT)" in seen[runs["calm"].info.fix_sha], 1.0, "not_kept", "Seen.")

    def made(lab: Lab, fix: Fix, world: str, scenario: str, seed: int, look: Any) -> Run:
        ran.append(fix.source)
        seen[fix.sha] = fix.source
        status = Status.CRASHED if "LIMIT = 150" in fix.source else Status.PASS
        return make_run(fix_sha=fix.sha, scenario=scenario, seed=seed, status=str(status), detail="It ended.")

    def check(name: str, judge: Any, points: float) -> Check:
        needs = ("outage",) if points else ("calm",)
        return Check(name, "It is", needs, judge, 1.0, "at least", "", "Look.", points=points, gate=not points)

    fields = {f: getattr(LAB, f) for f in LAB.__dataclass_fields__}
    shelf = Shelf(**{**fields, "checks": (check("graded", graded, 5), check("kept", gate, 0))})
    monkeypatch.setattr(worlds, "run", made)
    monkeypatch.setattr(labs, "load", lambda name: shelf)
    monkeypatch.setattr(mutate, "_key", lambda lab, source: source)
    monkeypatch.setattr(Shelf, "fixes", {"right_a": RIGHT})
    monkeypatch.setattr(Shelf, "place", tmp_path)
    monkeypatch.setenv("BREAKFIX_KEPT", str(tmp_path / "kept"))
    return ran


def said(tmp_path: Path, *rows: tuple[str, ...]) -> None:
    """Write survivors.py."""
    (tmp_path / "survivors.py").write_text(f'"""Why."""\n\nSURVIVORS = {rows!r}\n')


def report(*arguments: str) -> tuple[Result, dict[str, Any]]:
    """The call's result, and what it says of its one lab."""
    result = breakfix("mutate", NAME, *arguments, "--json")
    return result, json.loads(result.stdout)["labs"][0]


def test_killed_and_survived(judged: list[str]) -> None:
    """What crashes, loses a point or fails a gate is killed; the rest has survived and needs a reason, else it exits 1."""
    result, found = report()
    assert (found["killed"], found["made"], found["score"], found["goal"]) == (3, 4, 0.75, 0.9)
    assert found["survivors"] == [
        {"repair": "right_a", "where": "f", "kind": "statement", "line": 6, "before": "x.tell()", "after": "pass", "why": ""}
    ]
    assert [problem.split(";")[0] for problem in found["problems"]] == [
        "survivors without a reason: 1",
        "its score is 0.75",
    ]
    assert result.exit_code == 1
    told = breakfix("mutate", NAME).stdout
    assert f"{NAME}: survived: right_a, line 6, f, statement: x.tell() -> pass (NO REASON)" in told
    assert f"{NAME}: 3 of 4 mutants killed, 0 still right: score 0.75." in told


def test_a_mutant_is_judged_until_the_first_check_that_it_does_not_pass(judged: list[str]) -> None:
    """The scenarios with the fewest requests come first, and a run that ended early is the last of its mutant."""
    report()
    runs = {source: judged.count(source) for source in judged}
    assert runs[RIGHT] == 2
    assert runs[RIGHT.replace("15", "150")] == 1
    assert runs[RIGHT.replace("x.keep(LIMIT)", "pass")] == 1
    assert runs[RIGHT.replace("15", "1")] == 2


def test_a_survivor_with_a_reason(judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With a reason it is no problem, and does not count in the score; one line may speak for several repairs."""
    monkeypatch.setattr(Shelf, "fixes", {"right_a": RIGHT, "right_b": f"import z\n{RIGHT}"})
    said(tmp_path, ("right_a right_b", *TOLD))
    result, found = report()
    assert ([each["why"] for each in found["survivors"]], found["problems"]) == (["nobody listens"] * 2, [])
    assert (found["killed"], found["made"], found["right"], found["score"], result.exit_code) == (6, 8, 2, 1.0, 0)
    assert f"{NAME}: 6 of 8 mutants killed, 2 still right: score 1.00." in breakfix("mutate", NAME).stdout


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        (("right_a", "g", *TOLD[1:]), "that is not made: right_a, g, statement: x.tell() -> pass; take the line out"),
        (("right_z", *TOLD), "that is not made: right_z, f"),
        (
            ("right_a", "f", "statement", "x.keep(LIMIT)", "pass", "why"),
            "that is killed: right_a, f, statement: x.keep(LIMIT)",
        ),
    ],
)
def test_a_reason_for_nothing(row: tuple[str, ...], problem: str, judged: list[str], tmp_path: Path) -> None:
    """A reason for a mutant that does not exist any more, or does not survive, is a problem: the file stays true."""
    said(tmp_path, ("right_a", *TOLD), row)
    result, found = report()
    assert [problem in each for each in found["problems"]] == [True]
    assert result.exit_code == 1


@pytest.mark.parametrize(
    "text", ["SURVIVORS = [('a', 'b')]", "SURVIVORS = f()", "", "SURVIVORS = (", "SURVIVORS = [(1,)*6]"]
)
def test_reasons_that_cannot_be_read(text: str, judged: list[str], tmp_path: Path) -> None:
    """They are said in one line before any run."""
    (tmp_path / "survivors.py").write_text(text)
    result = breakfix("mutate", NAME)
    assert "survivors.py cannot be read" in one_complaint(result)
    assert (result.exit_code, judged) == (1, [])


def test_outcomes_are_kept(judged: list[str]) -> None:
    """A second call runs nothing and finds the same; of a change it judges what is new."""
    first = report()[1]
    judged.clear()
    assert (report()[1], judged) == (first, [])
    Shelf.fixes = {"right_a": RIGHT, "right_b": RIGHT + "    x.tell()\n"}
    report()
    assert {source.count("x.tell()") for source in judged} == {1, 2}


def test_a_failure_of_the_machine_is_no_outcome(judged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """It is said, it is not kept, and the mutant counts as not killed."""
    monkeypatch.setattr(worlds, "run", lambda *_: make_run(status=str(Status.INFRA_ERROR), detail="No memory."))
    result, found = report()
    assert (found["killed"], found["made"], found["survivors"], result.exit_code) == (0, 4, [], 1)
    assert sum("no verdict was reached" in each and "No memory." in each for each in found["problems"]) == 4
    assert not list(Shelf.place.glob("kept/**/*.jsonl"))


def test_a_repair_that_is_not_right(judged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the repair itself loses a check, all its mutants would: that is a problem, not a score."""
    monkeypatch.setattr(Shelf, "fixes", {"right_a": RIGHT.replace("15", "1")})
    problems = report()[1]["problems"]
    assert problems[0] == "right_a itself does not pass (graded too_few), so its mutants say nothing; mend it first"


def test_a_few_mutants_of_one_repair(judged: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """--most takes so many of each repair; --repair takes one, and `reference` is a name of the lab's reference."""
    monkeypatch.setattr(Shelf, "fixes", {LAB.reference: RIGHT, "right_b": f"import z\n{RIGHT}"})
    assert report("--most", "1")[1]["made"] == 2
    assert report("--most", "3", "--repair", "reference")[1]["made"] == 3
    assert {source.startswith("import z") for source in judged} == {False, True}


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (["lab99"], ["'lab99'", *labs.names()]),
        (["lab04"], ["lab04_connections is judged by live runs"]),
        (["lab06", "--repair", "wrong_no_key"], ["'wrong_no_key'", "reference", "right_all"]),
        (["lab06", "--most", "0"], ["'0'", "--most 12"]),
    ],
)
def test_bad_input(arguments: list[str], expected: list[str]) -> None:
    """Bad input is one line with what was expected, before any run; the exit code is 2."""
    result = breakfix("mutate", *arguments)
    line = one_complaint(result)
    assert [word for word in expected if word not in line] == []
    assert result.exit_code == 2
