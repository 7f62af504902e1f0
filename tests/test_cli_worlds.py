"""`breakfix compare-worlds` and `agreement-table`: both worlds side by side, and what counts as a difference."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import labs
from breakfix.commands import agreement_table
from breakfix.commands.shell import BAD_INPUT, DONE, OURS
from labs.kit.judging.agreement import Both, Comparison, compared
from labs.kit.model.verdict import Status, Verdict
from labs.kit.worlds import run
from tests.cli import World, breakfix, one_complaint
from tests.kit.handmade import make_storm

COLLAPSED = {"load_s": 30.0}
RECOVERED = {"load_s": 30.0, "tries": 1}


@pytest.fixture
def given(monkeypatch: pytest.MonkeyPatch):
    """No run is made: each world gives the storm that it is told."""

    def give(simulated: dict[str, float], live: dict[str, float]) -> None:
        monkeypatch.setitem(run.WORLDS, "simulated", World(make_storm(**simulated)))
        monkeypatch.setitem(run.WORLDS, "live", World(make_storm(**live)))

    return give


def test_worlds_that_agree(given) -> None:
    """Each check is one row with both verdicts; all agree, and the exit code is 0."""
    given(COLLAPSED, COLLAPSED)
    told_by = breakfix("compare-worlds", "lab06", "--fix", "broken", "--scenario", "outage", "--json")
    told = json.loads(told_by.stdout)
    assert (told_by.exit_code, told_by.stderr, told["agree"]) == (DONE, "", True)
    assert {row["check"] for row in told["checks"]} == {"recovers", "amplification"}
    assert told["scenarios"] == [{"scenario": "outage", "simulated": "pass", "live": "pass", "parted_at_s": None}]


def test_worlds_that_differ(given, tmp_path: Path) -> None:
    """A check with another verdict is a NO, the second at which the runs part is told, and the exit code is 1."""
    given(COLLAPSED, RECOVERED)
    arguments = ["compare-worlds", "lab06", "--fix", "broken", "--scenario", "outage", "--charts", str(tmp_path / "charts")]
    told_by = breakfix(*arguments)
    assert told_by.exit_code == OURS
    assert "NO" in next(line for line in told_by.stdout.splitlines() if line.strip().startswith("recovers"))
    assert "the shares answered part at second" in told_by.stdout
    assert (tmp_path / "charts" / "outage.png").read_bytes().startswith(b"\x89PNG")


def test_bad_input_is_told(given, tmp_path: Path) -> None:
    """An unknown scenario lists the valid ones; a file is no folder; nothing is run."""
    told_by = breakfix("compare-worlds", "lab06", "--fix", "broken", "--scenario", "flood")
    assert told_by.exit_code == BAD_INPUT
    assert "the valid ones are: outage" in one_complaint(told_by)
    (tmp_path / "file").touch()
    told_by = breakfix("compare-worlds", "lab06", "--fix", "broken", "--charts", str(tmp_path / "file"))
    assert told_by.exit_code == BAD_INPUT
    assert "expected a folder" in one_complaint(told_by)


@pytest.mark.parametrize(
    "arguments", [("compare-worlds", "lab04", "--fix", "broken"), ("agreement-table", "lab04", "--out", "x")]
)
def test_a_lab_that_live_runs_judge_has_nothing_to_compare(arguments: tuple[str, ...]) -> None:
    """One line says so, and nothing is run: an empty comparison would read as agreement."""
    told_by = breakfix(*arguments)
    assert told_by.exit_code == BAD_INPUT
    assert "judged by live runs alone" in one_complaint(told_by)


def test_the_table_fails_where_the_worlds_disagree(given, tmp_path: Path) -> None:
    """A row says on which check and how; a knife-edge repair may differ."""
    given(COLLAPSED, RECOVERED)
    out_file = tmp_path / "table.md"
    arguments = ["agreement-table", "lab06", "--fix", "broken", "--out", str(out_file)]
    assert breakfix(*arguments).exit_code == OURS
    assert "recovers: simulated fail (0), live pass" in out_file.read_text()
    arguments[3] = "edge_queue_bound_22"
    assert breakfix(*arguments).exit_code == DONE
    assert "edge_queue_bound_22 (knife-edge)" in out_file.read_text()


def test_a_comparison_that_was_made_is_not_made_again(given, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where the worlds agreed, the row is kept; where they did not, a busy machine may be why, and both run again."""
    compared: list[str] = []
    measure = agreement_table.measure
    monkeypatch.setattr(agreement_table, "measure", lambda lab, name: compared.append(name) or measure(lab, name))
    arguments = ["agreement-table", "lab06", "--fix", "broken", "--out", str(tmp_path / "table.md")]
    given(COLLAPSED, RECOVERED)
    for _ in range(2):
        assert breakfix(*arguments).exit_code == OURS
    assert compared == ["broken", "broken"]
    given(COLLAPSED, COLLAPSED)
    assert breakfix(*arguments).exit_code == DONE
    table = (tmp_path / "table.md").read_text()
    again = breakfix(*arguments)
    assert compared == ["broken"] * 3
    assert "1 of 1 repairs are done, 0 left." in again.stdout
    assert (tmp_path / "table.md").read_text() == table


def test_a_bad_measurement_is_made_again() -> None:
    """A row that the machine has spoiled says so, and is not kept."""
    lab = labs.load("lab06_retries")
    simulated, live = (Verdict("recovers", status, 0, 1, 0, 0, "", "", "") for status in (Status.FAIL, Status.INVALID))
    assert agreement_table.as_row(
        Comparison(lab, lab.fix("broken"), 0, {}, (Both("recovers", simulated, live),)), None
    ).spoiled


def test_a_part_never_replaces_the_whole_table() -> None:
    """Some labs or repairs alone need a file of their own."""
    told_by = breakfix("agreement-table", "lab06")
    assert told_by.exit_code == BAD_INPUT
    assert "give --out FILE too" in one_complaint(told_by)


def test_where_live_runs_may_differ_is_no_disagreement() -> None:
    """It is not compared, and the reason stands with it; on every other check the same difference is wrong."""
    lab = labs.load("lab06_retries")
    simulated, live = (Verdict("recovers", status, 0, 1, 0, 0, "", "", "") for status in (Status.FAIL, Status.PASS))
    found = Comparison(lab, lab.fix("broken"), 0, {}, (Both("recovers", simulated, live),))
    assert agreement_table.as_row(found, None).wrong
    row = agreement_table.as_row(found, None, {"recovers": "a reason"})
    assert not row.wrong
    assert row.not_compared[0].endswith("live pass (0), for a reason")


def test_a_row_counts_what_agrees() -> None:
    """What agrees is counted; what differs is wrong unless the repair stands on a knife's edge."""
    row = agreement_table.Row("lab06_retries", "x", 3, (), ("recovers: ...",), None)
    assert row.wrong
    assert not agreement_table.Row("lab06_retries", "x", 3, (), ("recovers: ...",), "why").wrong


def test_a_check_that_live_runs_cannot_show_is_named_with_its_reason() -> None:
    """It is in no comparison, and the table says why."""
    lab = labs.load("lab08_workers")
    assert "memory" in {check.name for check in lab.checks} - {check.name for check in compared(lab)}
    table = agreement_table.table([agreement_table.Row(lab.name, "x", 9, (), (), None)])
    assert "Not compared: `memory`, for what a live process holds is mostly Python itself" in table
