"""`breakfix run`, `check` and `release-table` where something runs; repairs out of notebooks; Ctrl-C and terminals."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import nbformat
import psutil
import pytest
from nbformat import NotebookNode
from typer.testing import CliRunner, Result

import labs
from breakfix import copies
from breakfix.cli import app
from breakfix.commands import release_table
from breakfix.commands.repair import find_fix
from breakfix.commands.shell import BadInput, OurFault
from grader.rebuild import rebuild
from labs.kit import evaluate, experiment
from labs.kit.fixcell import cut_fix
from labs.kit.lab import Check, Fix, Lab, Scenario
from labs.kit.record import Run
from labs.kit.verdict import Finding, Status
from tests.kit.handmade import make_run, make_storm

LAB = labs.load("lab06")


def breakfix(*arguments: str | Path) -> Result:
    """Call the command line in this process."""
    return CliRunner().invoke(app, [str(a) for a in arguments])


def process(*arguments: str | Path) -> list[str]:
    """The command line as a process of its own, that hears Ctrl-C even if this test run was started in the background."""
    code = "import signal; signal.signal(signal.SIGINT, signal.default_int_handler); from breakfix.cli import main; main()"
    return [sys.executable, "-c", code, *map(str, arguments)]


def one_complaint(result: Result) -> str:
    """The one line on standard error; nothing on standard output."""
    assert result.stdout == ""
    assert result.stderr.count("\n") == 1
    return result.stderr


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> dict[str, Run]:
    """No run is made; `run` is given the one under "run"."""
    given = {"run": make_storm(load_s=20)}

    def runs(lab: Lab, fix: Fix, scenario: Scenario, seed: int, progress: Any) -> Run:
        progress(1.0, 2.0)
        return given["run"]

    monkeypatch.setitem(experiment.WORLDS, "simulated", runs)
    return given


# run ---------------------------------------------------------------------------------------------------------------------


def test_run_for_people(world: dict[str, Run]) -> None:
    """The summary names what was offered, answered, each link's amplification and how its exchanges ended."""
    result = breakfix("run", "lab06")
    told = json.loads(breakfix("run", "lab06", "--json").stdout)
    assert result.exit_code == 0
    words = [str(told["offered"]), str(told["ok"]), "in the last 8 s", "never", "shop->bank", "timeout: "]
    words.append(f"{told['links'][1]['amplification']:.2f}")
    assert [word for word in words if word not in result.stdout] == []
    assert told["recovered"] is False
    assert told["recovery_s"] is None


def test_a_run_that_ended_early(world: dict[str, Run], tmp_path: Path) -> None:
    """A crash is a result: exit 0, its reason in a line, figures that were not taken null, the chart drawn all the same."""
    world["run"] = make_run(status=str(Status.CRASHED), detail="shop ended\x1b[31m with [TypeError]: x.")
    result = breakfix("run", "lab06", "--chart", tmp_path / "new" / "it.png")
    assert result.exit_code == 0
    assert r"crashed. shop ended\x1b[31m with [TypeError]: x." in result.stdout
    assert (tmp_path / "new" / "it.png").read_bytes().startswith(b"\x89PNG")
    told = json.loads(breakfix("run", "lab06", "--json").stdout)
    assert (told["status"], told["success_rate"], told["tail_success_rate"], told["recovered"]) == (
        "crashed",
        None,
        None,
        None,
    )
    assert {m["value"] for m in told["measures"].values()} == {None}


@pytest.mark.parametrize("status", [Status.INFRA_ERROR, Status.INVALID])
def test_a_run_that_says_nothing(world: dict[str, Run], status: Status) -> None:
    """A run that failed for our own reasons exits 1."""
    world["run"] = make_run(status=str(status), detail="No memory.")
    result = breakfix("run", "lab06", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == str(status)
    assert "No memory." in result.stderr


def test_a_file_that_cannot_be_written(world: dict[str, Run], tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at the end of a run is one line, exit 1, and no half of a result."""

    def full(self: Run, path: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "save", full)
    result = breakfix("run", "lab06", "--json", "--record", tmp_path / "it.sqlite")
    assert result.exit_code == 1
    assert "No space left" in one_complaint(result)


# Real runs ---------------------------------------------------------------------------------------------------------------


def test_a_real_run(tmp_path: Path) -> None:
    """One real run: the same figures in the object, in the record and in this process; standard error is empty, for no terminal."""
    record, chart = tmp_path / "new" / "run.sqlite", tmp_path / "run.svg"
    command = [
        sys.executable,
        "-m",
        "breakfix",
        "run",
        "lab06",
        "--fix",
        "right_budget",
        "--scenario",
        "calm",
        "--seed",
        "4",
    ]
    command += ["--json", "--record", str(record), "--chart", str(chart)]
    done = subprocess.run(command, cwd=labs.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told, kept = json.loads(done.stdout), Run.load(record)
    assert (told["status"], told["fix"], told["scenario"], told["seed"]) == ("pass", "right_budget", "calm", 4)
    assert (told["offered"], told["ok"]) == (len(kept.requests()), sum(r.ok for r in kept.requests()))
    assert told["fix_sha"] == LAB.fix("right_budget").sha == kept.info.fix_sha
    assert [link["link"] for link in told["links"]] == kept.links()
    assert chart.read_text().startswith("<?xml")


def test_real_verdicts(tmp_path: Path) -> None:
    """`check` as a process: a repair that cannot be loaded is `crashed` in every check, exits 0, and what it prints reaches nobody."""
    (tmp_path / "fix.py").write_text("print('out')\nimport sys\nprint('err', file=sys.stderr)\n1 / 0\n")
    command = [
        sys.executable,
        "-m",
        "breakfix",
        "check",
        "lab06",
        "--fix",
        str(tmp_path / "fix.py"),
        "--seeds",
        "1",
        "--json",
    ]
    done = subprocess.run(command, cwd=labs.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
    told = json.loads(done.stdout)
    assert {v["status"] for v in told["verdicts"]} == {"crashed"}
    assert all("ZeroDivisionError" in v["message"] for v in told["verdicts"])
    assert told["points"] == 0


def test_a_bar_on_a_terminal_only(tmp_path: Path) -> None:
    """On a terminal a bar moves on standard error while the run goes on; standard output is the object alone."""
    ours, theirs = pty.openpty()
    command = process("run", "lab06", "--fix", "right_budget", "--scenario", "calm", "--json")
    with (tmp_path / "out").open("wb") as out, subprocess.Popen(command, cwd=labs.ROOT, stdout=out, stderr=theirs) as child:
        os.close(theirs)
        shown = b"".join(iter(lambda: read(ours), b""))
    os.close(ours)
    assert child.returncode == 0
    assert json.loads((tmp_path / "out").read_text())["status"] == "pass"
    assert b"lab06_retries, calm, right_budget, seed 0" in shown


def read(terminal: int) -> bytes:
    """What came through a terminal; nothing once its other end is closed."""
    try:
        return os.read(terminal, 65536)
    except OSError:  # Linux tells the end so
        return b""


@pytest.mark.parametrize("command", ["run", "check"])
def test_ctrl_c_in_a_repair_that_hangs(command: str, tmp_path: Path) -> None:
    """Ctrl-C ends it at once with 130 and one line, and no process is left behind."""
    (tmp_path / "hang.py").write_text("while True:\n    pass\n")
    arguments = process(command, "lab06", "--fix", tmp_path / "hang.py")
    with subprocess.Popen(arguments, cwd=labs.ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as child:
        hosts = hanging(psutil.Process(child.pid))
        child.send_signal(signal.SIGINT)
        out, err = child.communicate()
    psutil.wait_procs(hosts, timeout=60)
    assert (child.returncode, out, err) == (130, "", "breakfix: stopped.\n")
    assert [host for host in hosts if host.is_running() and host.status() != psutil.STATUS_ZOMBIE] == []


def hanging(parent: psutil.Process) -> list[psutil.Process]:
    """The descendants, once one of them is in the endless loop: below the zygote, and busy."""
    while parent.is_running() and parent.status() != psutil.STATUS_ZOMBIE:
        below = parent.children(recursive=True)
        hosts = [p for p in below if p.ppid() != parent.pid]
        if any(sum(host.cpu_times()[:2]) > 0.5 for host in hosts):
            return below
        time.sleep(0.1)
    raise AssertionError("it ended by itself")


# Repairs out of notebooks --------------------------------------------------------------------------------------------------


def notebook(*cells: NotebookNode, lab: str = "lab06_retries") -> NotebookNode:
    """A notebook of these cells."""
    return nbformat.v4.new_notebook(cells=list(cells), metadata={"breakfix": {"lab": lab}})  # type: ignore[no-untyped-call]


def cell(source: str, grade_id: str = "", cell_id: str = "") -> NotebookNode:
    """A code cell, with nbgrader's metadata if it has a grade id."""
    made = nbformat.v4.new_code_cell(source)  # type: ignore[no-untyped-call]
    made.id = cell_id or grade_id or f"x{abs(hash(source)) % 10**6}"
    if grade_id:
        made.metadata["nbgrader"] = {
            "grade_id": grade_id,
            "solution": True,
            "grade": False,
            "locked": False,
            "schema_version": 3,
        }
    return made


BLANK = "%%fix\n" + LAB.fix("broken").source


@pytest.fixture
def released(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> NotebookNode:
    """A release of lab06 with a step, the repair cell, and a diagnosis."""
    made = notebook(cell("lab = 1", cell_id="step"), cell(BLANK, "fix"), cell("%%diagnosis\n{}", "diagnosis"))
    path = tmp_path / "release.ipynb"
    nbformat.write(made, path)  # type: ignore[no-untyped-call]
    monkeypatch.setattr(copies, "release", lambda lab: path)
    return made


@pytest.mark.parametrize(
    ("cells", "source"),
    [
        ([cell("%%fix\nX = 1", "fix")], "# %%fix\nX = 1\n"),
        ([cell("# note\n%%fix\nX = 1", "fix")], "# %%fix\nX = 1\n"),
        ([cell("%%fix\nX = 1", cell_id="fix")], "# %%fix\nX = 1\n"),
        ([cell("%%fix\nX = 1")], "# %%fix\nX = 1\n"),
        ([cell(BLANK, "fix"), cell("%%fix\nX = 2")], "# %%fix\nX = 2\n"),
        ([cell("%%fix\nX = 1", "fix"), cell("%%fix\nX = 2")], "# %%fix\nX = 1\n"),
        ([cell(BLANK, "fix"), cell("%%fix\nX = 2", cell_id="step")], "# " + BLANK),
        ([cell("print(1)", cell_id="step")], "# " + BLANK),
    ],
)
def test_the_cell_that_the_grader_would_judge(cells: list[NotebookNode], source: str, released: Any, tmp_path: Path) -> None:
    """A notebook is read as a submission is: both come to the same repair, however the cell was moved or damaged."""
    path = tmp_path / "mine.ipynb"
    nbformat.write(notebook(*cells), path)  # type: ignore[no-untyped-call]
    graded, _ = rebuild(released, path.read_bytes())
    fix = find_fix(LAB, str(path), "breakfix check")
    assert fix == Fix("mine.ipynb", cut_fix(next(c.source for c in graded.cells if c.id == "fix")))
    assert fix.source == source


def test_what_was_mended_is_told(released: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """What had to be mended in a notebook stands on standard error, as it would in the feedback."""
    nbformat.write(notebook(cell("%%fix\nX = 1")), tmp_path / "mine.ipynb")  # type: ignore[no-untyped-call]
    find_fix(LAB, str(tmp_path / "mine.ipynb"), "breakfix check")
    out, err = capsys.readouterr()
    assert out == ""
    assert "`fix` was found by its `%%fix` line alone" in err


def test_a_notebook_of_another_lab(released: Any, tmp_path: Path) -> None:
    """It is refused, with the lab that it is of."""
    nbformat.write(notebook(cell("%%fix\nX = 1", "fix"), lab="lab01_blocking"), tmp_path / "mine.ipynb")  # type: ignore[no-untyped-call]
    with pytest.raises(BadInput, match="is a notebook of lab01_blocking, not of lab06_retries"):
        find_fix(LAB, str(tmp_path / "mine.ipynb"), "breakfix check")


# release-table -----------------------------------------------------------------------------------------------------------


class Shelf(Lab):
    """A lab whose repairs lie in a folder of the test: what a repair is called decides what its runs hold."""

    fixes: Mapping[str, str] = {}  # noqa: RUF012 - set once, before the lab is used

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

    def runs(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int) -> Run:
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

    def runs(lab: Lab, fix: Fix, world: str, scenario: Scenario, seed: int) -> Run:
        return make_run(status=str(Status.INFRA_ERROR), detail="No memory.")

    monkeypatch.setattr(evaluate, "run", runs)
    with pytest.raises(OurFault, match="No memory"):
        release_table.measure(shelf, "broken", [0])


def test_the_committed_table_is_not_replaced_by_a_part(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever names labs has to name the file too."""
    asked: list[Sequence[Any]] = []
    monkeypatch.setattr(release_table, "_rows", lambda *args: asked.append(args))
    assert breakfix("release-table", "lab06").exit_code == 2
    assert asked == []
