"""`breakfix run`, and real processes: what they print where, terminals, Ctrl-C."""

from __future__ import annotations

import json
import os
import pty
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

import labs
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds import run
from tests.cli import World, breakfix, one_complaint, process
from tests.kit.handmade import make_run, make_storm

LAB = labs.load("lab06")


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """No run is made; `run` is given this one."""
    given = World(make_storm(load_s=20))
    monkeypatch.setitem(run.WORLDS, "simulated", given)
    return given


# run ---------------------------------------------------------------------------------------------------------------------


def test_run_for_people(world: World) -> None:
    """The summary names what was offered, answered, each link's amplification and how its exchanges ended."""
    result = breakfix("run", "lab06")
    told = json.loads(breakfix("run", "lab06", "--json").stdout)
    assert result.exit_code == 0
    words = [str(told["offered"]), str(told["ok"]), "in the last 8 s", "never", "shop->bank", "timeout: "]
    words.append(f"{told['links'][1]['amplification']:.2f}")
    assert [word for word in words if word not in result.stdout] == []
    assert told["recovered"] is False
    assert told["recovery_s"] is None


def test_a_run_that_ended_early(world: World, tmp_path: Path) -> None:
    """A crash is a result: exit 0, its reason in a line, figures that were not taken null, the chart drawn all the same."""
    world.run = make_run(status=str(Status.CRASHED), detail="shop ended\x1b[31m with [TypeError]: x.")
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
def test_a_run_that_says_nothing(world: World, status: Status) -> None:
    """A run that failed for our own reasons exits 1."""
    world.run = make_run(status=str(status), detail="No memory.")
    result = breakfix("run", "lab06", "--json")
    assert result.exit_code == 1
    assert json.loads(result.stdout)["status"] == str(status)
    assert "No memory." in result.stderr


def test_a_file_that_cannot_be_written(world: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk at the end of a run is one line, exit 1, and no half of a result."""

    def full(self: Run, path: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Run, "save", full)
    result = breakfix("run", "lab06", "--json", "--record", tmp_path / "it.sqlite")
    assert result.exit_code == 1
    assert "No space left" in one_complaint(result)


# Real runs ---------------------------------------------------------------------------------------------------------------


def test_a_real_run(tmp_path: Path) -> None:
    """One real run: the object tells what the record holds; where there is no terminal, standard error is empty."""
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
    """A repair that cannot be loaded is `crashed` in every check and exits 0; what it prints reaches nobody."""
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
