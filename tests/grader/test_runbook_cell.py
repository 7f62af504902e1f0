"""A runbook that is handed in beside the repair: found in a submission, joined, read, and judged apart."""

from __future__ import annotations

import json
from pathlib import Path

import nbformat
import pytest

import labs
from grader import build
from grader.preprocessors import handed_in, parts, release
from grader.rebuild import asks, rebuild
from labs.kit.judging.evaluate import attempted, judge_runs
from labs.kit.judging.fix_cell import with_magic_line
from labs.kit.judging.runbook_cell import alone, as_cell, cut_runbook, given_runbook, joined, parted
from labs.kit.model.lab import BROKEN, REFERENCE, Fix, Scenario
from labs.kit.model.literals import literal
from labs.kit.model.verdict import Status
from labs.kit.notebook.repair_cell import RepairCell
from labs.kit.notebook.workspace import Workspace
from labs.kit.worlds.run import run, tailored

LAB = labs.load("lab13_hazards")
LINTER = alone(LAB, LAB.fix(BROKEN)).source
RIGHT = alone(LAB, LAB.fix(REFERENCE)).source
GIVEN = given_runbook(LAB)
GOOD = parted(LAB.fix(REFERENCE).source)[1]
TOWN = [name for name, scenario in LAB.scenarios.items() if "town" in scenario.settings and scenario.exhibit is None]
REVIEWED = [name for name, scenario in LAB.scenarios.items() if "town" not in scenario.settings]

HOSTILE = {
    "no block": "I would restart it.",
    "an unknown word": "```operator\npage error_rate > 0.2 for 1 s\nrun rm -rf /\n```",
    "quotes": "\"\"\"\nimport os\nos.abort()\n'''\n```operator\n```",
    "a line that ends": "```operator\npage error_rate > 0.2 for 1 s\\",
    "long": "```operator\n" + "step a\n" * 30_000 + "```",
    "no text": "\x00\ud800\u2028\x1b[2J",
    "another's": "```operator\npage error_rate > 0.2 for 1 s\nstep a\ndo restart bank\n```",
    "the linter": "```operator\npage error_rate > 0.2 for 1 s\nstep a\ndo restart linter\n```",
}
BROKEN_CODE = {
    "no Python": "def rules(:\n",
    "an open text": 'x = """\n',
    "an open block": "if True:\n",
    "a line that goes on": "x = 1\\",
    "deep": "x = " + "(" * 5_000 + "\n",
}


@pytest.mark.parametrize("text", [GOOD, *HOSTILE.values()], ids=["good", *HOSTILE])
def test_a_runbook_comes_out_as_it_went_in(text: str) -> None:
    """Whatever the text is: the repair keeps its lines, and the runbook is one constant that is read and not run."""
    source = joined(LINTER, text)
    assert source.startswith(LINTER)
    back, found = parted(source)
    assert (back.rstrip(), found) == (LINTER.rstrip(), text.strip("\n"))
    if len(text) < 20_000:
        assert literal(source, "RUNBOOK", "", appended=True) == text.strip("\n")
    assert joined(LINTER, " \n") == LINTER


@pytest.mark.parametrize("code", BROKEN_CODE.values(), ids=list(BROKEN_CODE))
def test_a_repair_that_is_no_python_hides_no_runbook(code: str) -> None:
    """The evenings of the town are played as if there were no repair; the linter's own runs tell what is wrong."""
    source = joined(code, GOOD)
    assert parted(source)[1] == GOOD
    for name in TOWN:
        asked = tailored(LAB, Fix("mine", source), LAB.scenario(name))
        assert isinstance(asked, Scenario)
        assert "step replica" in asked.runbook
        assert not any(service.runs_fix for service in LAB.taking_part(asked).services)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_runbook_that_cannot_be_read_ends_its_own_runs_alone(text: str) -> None:
    """Its evenings say why, in lines of the text; the linter's scenarios are what they were."""
    fix = Fix("mine", joined(RIGHT, text))
    for name in TOWN:
        ended = run(LAB, fix, "simulated", name)
        assert ended.status is Status.CRASHED
        assert ended.info.detail.startswith("Your text cannot be read: ")
        assert "\n" not in ended.info.detail
    assert {tailored(LAB, fix, LAB.scenario(name)) == LAB.scenario(name) for name in REVIEWED} == {True}


@pytest.mark.parametrize(
    "line", ["RUNBOOK = 7", "RUNBOOK = ['page']", "RUNBOOK = open('x').read()", "RUNBOOK = RUNBOOK = ''"]
)
def test_a_constant_that_is_no_text_is_told(line: str) -> None:
    """Somebody writes it into a file himself."""
    ended = run(LAB, Fix("mine", f"{RIGHT}\n{line}\n"), "simulated", TOWN[0])
    assert ended.status is Status.CRASHED
    assert "RUNBOOK" in ended.info.detail


@pytest.mark.parametrize(
    ("linter", "runbook", "begun"),
    [
        (LINTER, GIVEN, False),
        ("", "", False),
        (LINTER, "  \n", False),
        (LINTER, f"\n{GIVEN}\n", False),
        (RIGHT, GIVEN, True),
        (RIGHT, "", True),
        (LINTER, GOOD, True),
        ("", GOOD, True),
        ("no python", GOOD, True),
    ],
)
def test_either_of_both_is_an_attempt(linter: str, runbook: str, begun: bool) -> None:
    """Who has written only a runbook, or only a linter, is judged; who has written neither is not."""
    assert attempted(LAB, joined(with_magic_line(linter), runbook)) is begun


def test_each_part_has_gates_of_its_own() -> None:
    """If all runs of the linter fail, no gate of it takes points from the runbook, nor the reverse."""
    ours = {check.name: check.part for check in LAB.checks}
    assert set(ours.values()) == {"", "runbook"}
    for check in LAB.checks:
        for name in check.needs:
            in_town = "town" in LAB.scenario(name).settings
            assert in_town is bool(check.part), (check.name, name)
    bad = run(LAB, Fix("mine", joined(RIGHT, "no block")), "simulated", TOWN[0])
    verdicts = judge_runs(LAB, {(name, 0): bad for name in LAB.scenarios}, (0,))
    for verdict in verdicts:
        assert verdict.points == 0


@pytest.fixture(scope="module")
def released() -> nbformat.NotebookNode:
    """The learners' notebook of the lab, not executed."""
    given = build._insist_on_complete
    build._insist_on_complete = lambda lab, nb: None  # the page may still lack a cell of the other part
    try:
        return release(build.source(LAB))
    finally:
        build._insist_on_complete = given


def submitted(released: nbformat.NotebookNode, **cells: str) -> nbformat.NotebookNode:
    """A submission with these answers."""
    nb = nbformat.reads(json.dumps(released), as_version=4)
    for cell in nb.cells:
        if cell.id in cells:
            cell.source = cells[cell.id]
    return nb


def judged(released: nbformat.NotebookNode, nb: nbformat.NotebookNode) -> tuple[str, dict[str, str]]:
    """The text that is judged, and what a person is asked to look at."""
    rebuilt, _ = rebuild(released, json.dumps(nb).encode("utf-8", "surrogatepass"))
    cells = {c.metadata.nbgrader.grade_id: c for c in rebuilt.cells if "nbgrader" in c.metadata}
    return handed_in(LAB, cells), asks(rebuilt)


def test_the_release_has_the_given_runbook(released: nbformat.NotebookNode) -> None:
    """Untouched, it is the broken code with its runbook: no attempt."""
    source, asked = judged(released, submitted(released))
    assert parted(source)[1] == GIVEN
    assert not attempted(LAB, source)
    assert "operator" not in asked
    assert "RUNBOOK" not in next(c.source for c in released.cells if c.id == "fix")
    assert {parts(released)[check.name] for check in LAB.checks if check.part} == {"operator"}


def test_one_of_both_is_found(released: nbformat.NotebookNode) -> None:
    """A runbook without a linter, and a linter without a runbook."""
    source, _ = judged(released, submitted(released, operator=as_cell(GOOD)))
    assert parted(source)[1] == GOOD
    assert parted(source)[0].strip() == with_magic_line(LINTER).strip()
    source, _ = judged(released, submitted(released, fix="%%fix\n" + RIGHT))
    assert parted(source)[1] == GIVEN
    assert attempted(LAB, source)


@pytest.mark.parametrize("text", HOSTILE.values(), ids=list(HOSTILE))
def test_a_hostile_runbook_is_only_text(released: nbformat.NotebookNode, text: str) -> None:
    """It reaches the judge as a constant, and the linter beside it as it was."""
    source, _ = judged(released, submitted(released, operator=as_cell(text), fix="%%fix\n" + RIGHT))
    assert parted(source)[0].strip() == with_magic_line(RIGHT).strip()


def test_it_is_found_by_its_line(released: nbformat.NotebookNode) -> None:
    """In a cell of the learner's own, where the course's own is gone; an entry for people is none."""
    nb = submitted(released)
    nb.cells = [c for c in nb.cells if c.id != "operator"]
    nb.cells.append(nbformat.v4.new_code_cell("# my runbook\n" + as_cell(GOOD)))
    source, asked = judged(released, nb)
    assert parted(source)[1] == GOOD
    assert "operator" not in asked


def test_a_lost_runbook_waits_for_a_person(released: nbformat.NotebookNode) -> None:
    """It stands in a cell for text, and its own cell is as it was released."""
    nb = submitted(released)
    nb.cells.append(nbformat.v4.new_markdown_cell(GOOD))
    _, asked = judged(released, nb)
    assert "runbook" in asked["operator"]


def test_a_cell_without_its_line_is_the_runbook(released: nbformat.NotebookNode) -> None:
    """As for a repair without `%%fix`."""
    assert cut_runbook(GOOD) == GOOD
    source, _ = judged(released, submitted(released, operator=GOOD))
    assert parted(source)[1] == GOOD


def test_a_learner_may_begin_with_either(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What runs and is judged is both cells; each part is judged in a text of its own, and both are kept as one version."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path))
    cell = RepairCell(LAB, Workspace(LAB.name))
    assert not cell.attempted
    assert cell.fix.name == BROKEN
    cell.adopt_runbook(GOOD + "\n")
    assert cell.attempted
    assert cell.source is None
    assert parted(cell.fix.source)[1] == GOOD
    before = cell.part(cell.judged, "runbook")
    cell.adopt(with_magic_line("def rules(:\n"))
    assert cell.blocked
    assert cell.part(cell.judged, "runbook") == before
    assert attempted(LAB, before.source)
    assert "RUNBOOK" not in cell.part(cell.judged, "").source
    kept = cell.workspace.read_fix()
    assert kept is not None
    assert parted(kept)[1] == GOOD
