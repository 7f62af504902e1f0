"""`breakfix release-table`: every repair against what its file says."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from typer.testing import Result

import labs
from breakfix.commands import kept_rows, release_table
from breakfix.commands.kept_rows import KeptRows
from breakfix.commands.shell import OurFault
from labs.kit.judging import evaluate
from labs.kit.model.lab import Check, Fix, Lab, Scenario
from labs.kit.model.record import Run
from labs.kit.model.verdict import Finding, Status
from tests.cli import breakfix
from tests.kit.handmade import make_run

LAB = labs.load("lab06")


class Shelf(Lab):
    """A lab whose repairs lie in a folder of the test: what a repair is called decides what its runs hold."""

    fixes: Mapping[str, str] = {}

    def fix_names(self) -> list[str]:
        """broken, reference and those given."""
        return ["broken", "reference", *self.fixes]

    def fix(self, name: str) -> Fix:
        """One of those given."""
        return Fix(name, {"broken": "", **self.fixes}[name])


def calm(runs: Mapping[str, Run]) -> Finding:
    """Passes unless the repair is wrong; an edge fails on odd seeds, for another reason."""
    info = runs["calm"].info
    bad = info.fix in ("broken", "wrong_slow") or (info.fix.endswith("edge") and info.seed % 2 == 1)
    return Finding(not bad, 1.0, ("odd" if info.fix.endswith("edge") else "slow") if bad else "fine", "Seen.")


@pytest.fixture
def shelf(monkeypatch: pytest.MonkeyPatch) -> Shelf:
    """A lab with one check of 5 points, and no run that takes time."""
    check = Check("calm", "It is calm", ("calm",), calm, 1.0, "at least", "", "Look.", points=5)
    fields = {f: getattr(LAB, f) for f in LAB.__dataclass_fields__}
    made = Shelf(**{**fields, "checks": (check,)})

    def runs(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int, *_: object) -> Run:
        crashed = {"status": str(Status.CRASHED), "detail": "It ended."} if fix.name == "wrong_crash" else {}
        return make_run(fix=fix.name, seed=seed, **crashed)

    monkeypatch.setattr(evaluate, "run", runs)
    monkeypatch.setattr(labs, "load", lambda name: made)
    monkeypatch.setattr(Shelf, "fixes", {})
    return made


def table_of(
    shelf: Shelf, fixes: dict[str, str], out: Path, monkeypatch: pytest.MonkeyPatch
) -> tuple[Result, dict[str, list[str]]]:
    """The table of these repairs on 4 seeds: the call's result, and the cells by repair."""
    monkeypatch.setattr(Shelf, "fixes", fixes)
    result = breakfix("release-table", "lab06", "--seeds", "4", "--out", out)
    rows = [
        [c.strip() for c in re.split(r"(?<!\\)\|", line)[1:-1]]
        for line in out.read_text().splitlines()
        if line.startswith("| ")
    ]
    return result, {row[0]: row[1:] for row in rows[1:]}


def test_a_table_in_which_all_agree(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Right, wrong, crashing and knife-edge repairs that do what they say: exit 0, the same text twice."""
    fixes = {
        "right_a": "A = 1\n",
        "wrong_slow": 'LOSES = {"calm": "slow"}\n',
        "wrong_crash": 'LOSES = {"calm": "crashed"}\n',
        "wrong_edge": 'LOSES = {"calm": "odd"}\nKNIFE_EDGE = "odd | seeds"\n',
    }
    result, rows = table_of(shelf, fixes, tmp_path / "new" / "table.md", monkeypatch)
    assert result.exit_code == 0
    assert rows == {
        "broken": ["all points", "0 of 5", "calm: slow (4 of 4)", "yes"],
        "right_a": ["nothing", "5 of 5", "nothing", "yes"],
        "wrong_slow": ["calm: slow", "0 of 5", "calm: slow (4 of 4)", "yes"],
        "wrong_crash": ["calm: crashed", "0 of 5", "calm: crashed", "yes"],
        "wrong_edge": ["calm: odd", "0 of 5", "calm: odd (2 of 4)", r"knife-edge: odd \| seeds"],
    }
    table_of(shelf, fixes, tmp_path / "again.md", monkeypatch)
    assert (tmp_path / "again.md").read_bytes() == (tmp_path / "new" / "table.md").read_bytes()
    assert "seeds 0 to 3 (Python" in (tmp_path / "again.md").read_text()


@pytest.mark.parametrize(
    ("name", "source", "told"),
    [
        ("right_edge", "A = 1\n", "loses calm (odd), which it does not say; fails calm on 2 of 4 seeds only"),
        ("wrong_edge", 'LOSES = {"calm": "odd"}\n', "fails calm on 2 of 4 seeds only"),
        ("wrong_slow", 'LOSES = {"calm": "late"}\n', "should lose calm for late, but loses it for slow"),
        ("wrong_not", 'LOSES = {"calm": "slow"}\n', "should lose calm (slow), but passes it"),
        ("wrong_slow", "LOSES = dict()\n", "LOSES is not a literal"),
    ],
)
def test_a_repair_that_does_not_do_as_it_says(
    name: str, source: str, told: str, shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It makes the command exit 1; the table says how it differs and is written all the same."""
    result, rows = table_of(shelf, {name: source}, tmp_path / "table.md", monkeypatch)
    assert result.exit_code == 1
    assert rows[name][-1].startswith(f"NO: {told}")
    assert "2 repairs on 4 seeds: 1 differ from what they say." in result.stdout


def test_broken_code_that_earns_points(shelf: Shelf, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Broken code with points makes the command exit 1."""
    check = replace(shelf.checks[0], judge=lambda runs: Finding(True, 1.0, "fine", "Seen."))
    row = release_table.measure(replace(shelf, checks=(check,)), "broken", [0, 1])
    assert row.problems == ("earns 5 points; the broken code must earn none",)


def test_a_table_is_not_made_of_failures(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the machine fails there is no row: a repair is not blamed for it."""

    def runs(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int, *_: object) -> Run:
        return make_run(status=str(Status.INFRA_ERROR), detail="No memory.")

    monkeypatch.setattr(evaluate, "run", runs)
    with pytest.raises(OurFault, match="No memory"):
        release_table.measure(shelf, "broken", [0])


THREE = {"right_a": "A = 1\n", "wrong_slow": 'LOSES = {"calm": "slow"}\n', "wrong_other": 'LOSES = {"calm": "slow"}\n'}


@pytest.fixture
def judged(shelf: Shelf, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The repairs that were judged, in order."""
    names: list[str] = []
    measure = release_table.measure

    def noted(lab: Lab, name: str, *rest: Any) -> release_table.Row:
        names.append(name)
        return measure(lab, name, *rest)

    monkeypatch.setattr(release_table, "measure", noted)
    return names


def test_what_was_stopped_goes_on_and_judges_nothing_twice(
    shelf: Shelf, judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The first try breaks off at the third repair; the second begins there, says so, and writes the table of all."""
    fine = evaluate.run

    def full_disk(lab: Lab, fix: Fix, *rest: Any) -> Run:
        if fix.name == "wrong_slow":
            return make_run(status=str(Status.INFRA_ERROR), detail="No memory.")
        return fine(lab, fix, *rest)

    monkeypatch.setattr(evaluate, "run", full_disk)
    monkeypatch.setattr(Shelf, "fixes", THREE)
    stopped = breakfix("release-table", "lab06", "--seeds", "4", "--out", tmp_path / "table.md")
    assert stopped.exit_code == 1
    assert "0 of 4 repairs are done, 4 left." in stopped.stdout
    assert not (tmp_path / "table.md").exists()
    assert judged == ["broken", "right_a", "wrong_slow"]
    judged.clear()
    monkeypatch.setattr(evaluate, "run", fine)
    result, rows = table_of(shelf, THREE, tmp_path / "table.md", monkeypatch)
    assert judged == ["wrong_slow", "wrong_other"]
    assert "2 of 4 repairs are done, 2 left." in result.stdout
    assert list(rows) == ["broken", *THREE]
    judged.clear()
    table_of(shelf, THREE, tmp_path / "again.md", monkeypatch)
    assert judged == []
    assert (tmp_path / "again.md").read_bytes() == (tmp_path / "table.md").read_bytes()


def test_what_has_changed_is_judged_anew(
    shelf: Shelf, judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A changed repair alone; every repair after a change of a check, or on other seeds."""
    table_of(shelf, THREE, tmp_path / "table.md", monkeypatch)
    judged.clear()
    table_of(shelf, {**THREE, "right_a": "A = 2\n"}, tmp_path / "table.md", monkeypatch)
    assert judged == ["right_a"]
    judged.clear()
    breakfix("release-table", "lab06", "--seeds", "3", "--out", tmp_path / "table.md")
    assert judged == ["broken", *THREE]
    judged.clear()
    stricter = Shelf(
        **{f: getattr(shelf, f) for f in Lab.__dataclass_fields__} | {"checks": (replace(shelf.checks[0], goal=2.0),)}
    )
    monkeypatch.setattr(labs, "load", lambda name: stricter)
    table_of(stricter, THREE, tmp_path / "table.md", monkeypatch)
    assert judged == ["broken", *THREE]


def test_kept_rows_that_cannot_be_read_are_judged_anew(
    shelf: Shelf, judged: list[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a line, another version's row, or no JSON: none is believed, none is complained of."""
    table_of(shelf, THREE, tmp_path / "table.md", monkeypatch)
    file = kept_rows.file_of("repairs")
    first, second, third, fourth = file.read_text().splitlines()
    older = json.dumps({"key": json.loads(second)["key"], "row": {"lab": "lab06", "score": 1}})
    file.write_text("\n".join([first[:-20], older, "\ufffd", json.dumps([1]), third, fourth]) + "\n")
    judged.clear()
    result, _ = table_of(shelf, THREE, tmp_path / "table.md", monkeypatch)
    assert judged == ["broken", "right_a"]
    assert result.stderr == ""


def test_old_rows_make_room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest are kept, so the file does not grow for ever."""
    monkeypatch.setattr(kept_rows, "MOST_LINES", 3)
    rows = KeptRows(tmp_path / "rows.jsonl")
    for number in range(5):
        rows.add(str(number), number)
    assert KeptRows(tmp_path / "rows.jsonl").rows.keys() == {"0", "1", "2", "3", "4"}
    assert KeptRows(tmp_path / "rows.jsonl").rows == {"2": 2, "3": 3, "4": 4}


def test_the_committed_table_is_not_replaced_by_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names labs has to name the file too."""
    asked: list[Sequence[Any]] = []
    monkeypatch.setattr(release_table, "_rows", lambda *args: asked.append(args))
    assert breakfix("release-table", "lab06").exit_code == 2
    assert asked == []
