"""`breakfix`: commands, exit codes, bad input, and that docs/command-line.md is true."""

from __future__ import annotations

import json
import re
import subprocess
import sys
import types
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from typer.main import get_command

import labs
from breakfix.cli import app
from breakfix.commands.shell import BAD_INPUT, DONE, INTERRUPTED, OURS
from labs.kit.judging import evaluate
from labs.kit.model.verdict import Status
from labs.kit.worlds import run
from tests.cli import Judge, World, breakfix, one_complaint
from tests.kit.handmade import make_storm

DOCS = (labs.ROOT / "docs" / "command-line.md").read_text(encoding="utf-8")
LAB = labs.load("lab06")
COMMANDS: dict[str, Any] = get_command(app).commands  # type: ignore[attr-defined]  # a group has them


@pytest.fixture
def judge(monkeypatch: pytest.MonkeyPatch) -> Judge:
    """No run is made; `check` is told what this judge says."""
    found = Judge()
    monkeypatch.setattr(evaluate, "evaluate", found)
    return found


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    """No run is made; `run` is given this one."""
    given = World(make_storm(load_s=20))
    monkeypatch.setitem(run.WORLDS, "simulated", given)
    return given


# The document --------------------------------------------------------------------------------------------------------


def test_documented_commands_are_the_commands() -> None:
    """docs/command-line.md lists every command, in the order of --help, and has a section on each."""
    table = DOCS.split("## Exit codes")[0]
    assert re.findall(r"^\| `([\w-]+)` \|", table, re.MULTILINE) == list(COMMANDS)
    assert [h for h in re.findall(r"^## (\S+)$", DOCS, re.MULTILINE)] == list(COMMANDS)


@pytest.mark.parametrize("name", list(COMMANDS))
def test_documented_options_are_the_options(name: str) -> None:
    """The usage line of each section names every option and argument, and none that is not there."""
    section = DOCS.split(f"\n## {name}\n")[1].split("\n## ")[0]
    usage = re.search(rf"^`breakfix {name}(.*)`$", section, re.MULTILINE)
    written = set(re.findall(r"--[\w-]+", usage[1] if usage else ""))
    real = {o for p in COMMANDS[name].params for o in [*p.opts, *p.secondary_opts] if o.startswith("--") and o != "--help"}
    assert written == real
    assert (usage is None) == (not COMMANDS[name].params)
    assert ("No options" in section) == (usage is None)


def documented(command: str) -> Any:
    """The JSON example of a command's section."""
    section = DOCS.split(f"\n## {command}\n")[1].split("\n## ")[0]
    return json.loads(re.findall(r"```json\n(.*?)```", section, re.DOTALL)[0])


def test_documented_keys_of_check(judge: Judge) -> None:
    """`check --json` prints the documented keys, in the documented order."""
    printed, written = json.loads(breakfix("check", "lab06", "--fix", "reference", "--json").stdout), documented("check")
    assert list(printed) == list(written) == ["lab", "points", "max_points", "verdicts"]
    assert {tuple(v) for v in printed["verdicts"]} == {tuple(written["verdicts"][0])}
    assert [v["check"] for v in printed["verdicts"]] == [c.name for c in LAB.checks]


def test_documented_keys_of_run(world: World) -> None:
    """`run --json` prints the documented keys, also inside its lists."""
    printed, written = json.loads(breakfix("run", "lab06", "--json").stdout), documented("run")
    assert sorted(printed) == sorted(written)
    for key in ("links", "faults"):
        assert printed[key]
        assert {tuple(row) for row in printed[key]} == {tuple(written[key][0])}
    assert {tuple(m) for m in printed["measures"].values()} == {("value", "unit")}


def test_documented_statuses_are_the_statuses() -> None:
    """The table of statuses names every status there is."""
    section = DOCS.split("| status | meaning |")[1].split("\n\n")[0]
    named = {
        word for row in section.splitlines() if row.startswith("| `") for word in re.findall(r"`(\w+)`", row.split("|")[1])
    }
    assert named == {str(status) for status in Status}


def test_documented_exit_codes_are_the_exit_codes() -> None:
    """The table of exit codes holds those that the commands use."""
    assert re.findall(r"^\| (\d+) \|", DOCS, re.MULTILINE) == [str(c) for c in (DONE, OURS, BAD_INPUT, INTERRUPTED)]


# Bad input ---------------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["chekc"], ["'chekc'", *COMMANDS]),
        (["--bogus"], ["--bogus", "breakfix --help"]),
        (["run"], ["LAB", "breakfix run --help"]),
        (["run", "lab06", "--bogus"], ["--bogus", "breakfix run --help"]),
        (["run", "lab99"], ["'lab99'", *labs.names()]),
        (["run", "lab06", "--world", "mars"], ["'mars'", *run.WORLDS]),
        (["run", "lab06", "--scenario", "rain"], ["'rain'", *LAB.scenarios]),
        (["run", "lab06", "--seed", "-1"], ["'-1'", "whole number from 0"]),
        (["run", "lab06", "--seed", str(2**63)], [str(2**63), "whole number from 0"]),
        (["run", "lab06", "--chart", "it.gif"], ["'it.gif'", ".png", ".svg"]),
        (["run", "lab06", "--record", "FOLDER"], ["folder", "file"]),
        (["run", "lab06", "--record", "FOLDER/latin1.py/x.sqlite"], ["--record", "choose another"]),
        (["check", "lab06"], ["--fix"]),
        (["check", "lab06", "--fix"], ["--fix"]),
        (["check", "lab99", "--fix", "broken"], ["'lab99'", *labs.names()]),
        (["check", "lab06", "--fix", "right_bugdet"], ["'right_bugdet'", *LAB.fix_names(), "FILE.py"]),
        (["check", "lab06", "--fix", "none.py"], ["'none.py'", "No such file"]),
        (["check", "lab06", "--fix", "FOLDER"], ["directory", "path of a file"]),
        (["check", "lab06", "--fix", "FOLDER/latin1.py"], ["latin1.py", "UTF-8"]),
        (["check", "lab06", "--fix", "FOLDER/empty.ipynb"], ["empty.ipynb", "JupyterLab"]),
        (["check", "lab06", "--fix", "/dev/zero"], ["/dev/zero", "50 MB"]),
        (["check", "lab06", "--fix", "broken", "--seeds", "0"], ["'0'", "from 1 to 1000", "--seeds 3"]),
        (["check", "lab06", "--fix", "broken", "--seeds", "few"], ["'few'", "from 1 to 1000"]),
        (["build", "lab99"], ["'lab99'", *labs.names()]),
        (["start", "lab99"], ["'lab99'", *labs.names()]),
        (["bench", "speed"], ["'speed'", "the benchmarks are: "]),
        (["release-table", "lab99"], ["'lab99'", *labs.names()]),
        (["release-table", "lab06"], ["--out"]),
        (["release-table", "--seeds", "x"], ["'x'", "--seeds 20"]),
    ],
    ids=lambda value: " ".join(value)[:60] if value and value[0].islower() else "",
)
def test_bad_input(arguments: list[str], told: list[str], tmp_path: Path) -> None:
    """Bad input exits 2 at once with one line: the value, and what was expected."""
    (tmp_path / "latin1.py").write_bytes(b"X = '\xe9'\n")
    (tmp_path / "empty.ipynb").write_text("{}")
    result = breakfix(*(a.replace("FOLDER", str(tmp_path)) for a in arguments))
    assert result.exit_code == 2
    complaint = one_complaint(result)
    assert [words for words in told if words not in complaint] == []


def test_our_own_failure(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """A fault of ours exits 1 with one line that says whose it is; the traceback comes only when asked for."""

    def fail(*_: object, **__: object) -> None:
        raise ZeroDivisionError("two\nlines")

    monkeypatch.setattr(evaluate, "evaluate", fail)
    result = breakfix("check", "lab06", "--fix", "reference", "--json")
    assert result.exit_code == 1
    assert "ZeroDivisionError in test_cli.py" in one_complaint(result)
    assert "BREAKFIX_TRACEBACK=1" in result.stderr
    monkeypatch.setenv("BREAKFIX_TRACEBACK", "1")
    assert "Traceback" in breakfix("check", "lab06", "--fix", "reference", "--json").stderr


def test_interrupted(judge: Judge, monkeypatch: pytest.MonkeyPatch) -> None:
    """Ctrl-C exits 130 with one line."""

    def interrupt(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(evaluate, "evaluate", interrupt)
    result = breakfix("check", "lab06", "--fix", "reference")
    assert (result.exit_code, one_complaint(result)) == (130, "breakfix: stopped.\n")


# The others --------------------------------------------------------------------------------------------------------------


def test_list_and_progress(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each lab has its row in both, and looking makes no file."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "work"))
    for command in ("list", "progress"):
        result = breakfix(command)
        assert (result.exit_code, result.stderr) == (0, "")
        assert all(name in result.stdout for name in labs.names())
    assert LAB.title in breakfix("list").stdout
    assert "not started" in breakfix("progress").stdout
    assert not (tmp_path / "work").exists()


def test_progress_that_cannot_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A damaged file is told on standard error, and the table still comes."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path))
    (tmp_path / LAB.name).mkdir()
    (tmp_path / LAB.name / "progress.json").write_text("{")
    result = breakfix("progress")
    assert result.exit_code == 0
    assert LAB.name in result.stdout
    assert "could not be read" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told", "code"),
    [
        (["build"], ["solutions/a", "notebooks/a"], 0),
        (["build", "lab06"], [], 0),
        (["build", "--check"], [], 0),
        (["build", "--check"], ["a is missing; run `breakfix build`"], 1),
    ],
)
def test_build(arguments: list[str], told: list[str], code: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """The files written are listed; --check exits 1 if and only if something differs."""
    from grader import build

    asked: list[object] = []

    def build_labs(names: list[str], check: bool, to: Path | None) -> list[str]:
        asked.extend([names, check])
        return told

    monkeypatch.setattr(build, "build_labs", build_labs)
    result = breakfix(*arguments)
    assert (result.exit_code, result.stderr) == (code, "")
    assert asked == [["lab06_retries"] if "lab06" in arguments else [], "--check" in arguments]
    assert [line for line in told if line not in result.stdout] == []


def test_a_chapter_that_cannot_be_built(monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one line and exit 1."""
    from grader import build

    def build_labs(names: list[str], check: bool, to: Path | None) -> list[str]:
        raise build.BuildError("lab06_retries: cell 'x' fails")

    monkeypatch.setattr(build, "build_labs", build_labs)
    result = breakfix("build")
    assert (result.exit_code, one_complaint(result)) == (1, "breakfix build: lab06_retries: cell 'x' fails\n")


INTERRUPTED_BUILD = """
import os, signal, subprocess, sys
from breakfix.cli import main
from grader import build

def build_labs(names, check, to):
    kernel = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(1000)"])
    os.kill(os.getpid(), signal.SIGINT)
    print("ended by", -kernel.wait())

signal.signal(signal.SIGINT, signal.default_int_handler)
build.build_labs = build_labs
sys.argv = ["breakfix", "build"]
main()
"""


def test_ctrl_c_in_a_build() -> None:
    """Ctrl-C while notebooks are executed ends their kernels, waits until the build has cleared up, and exits 130."""
    command = [sys.executable, "-c", INTERRUPTED_BUILD]
    done = subprocess.run(command, cwd=labs.ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (130, "ended by 9\n", "breakfix: stopped.\n")


def test_bench(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every benchmark has its row, or those named; one that falls short of its mark is no failure of the command."""
    import benchmarks

    def made(name: str) -> benchmarks.Row:
        return benchmarks.Row(name, "a [check]", "s", 20.0, 2.0, 0.1, "5x faster", name != "check")

    for name in benchmarks.BENCHMARKS:
        monkeypatch.setitem(benchmarks.BENCHMARKS, name, partial(made, name))
    result = breakfix("bench")
    assert (result.exit_code, result.stderr) == (0, "")
    assert [name for name in benchmarks.BENCHMARKS if name not in result.stdout] == []
    result = breakfix("bench", "check")
    assert (result.stdout.count("a [check]"), result.stdout.count("NO")) == (1, 1)


def test_version_and_help() -> None:
    """--version is the package's; --help and no argument at all list the commands."""
    assert breakfix("--version").stdout == f"{labs.__version__}\n"
    for arguments in ([], ["--help"], ["-h"]):
        result = breakfix(*arguments)
        assert result.exit_code == 0
        assert all(name in result.stdout for name in COMMANDS)


def test_help_loads_nothing_heavy() -> None:
    """--help imports neither the kit nor the grader nor anything that they stand on."""
    code = (
        "import sys, breakfix.cli\n"
        "try:\n    breakfix.cli.app(['--help'])\n"
        "except SystemExit:\n    pass\n"
        "heavy = ('labs.kit', 'grader', 'aiohttp', 'matplotlib', 'sqlite_utils', 'nbgrader', 'jupyterlab', 'IPython')\n"
        "print([name for name in heavy if name in sys.modules], file=sys.stderr)\n"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=labs.ROOT, capture_output=True, text=True, check=True)
    assert done.stderr == "[]\n"


def test_an_edited_lab_is_our_fault(monkeypatch: pytest.MonkeyPatch) -> None:
    """A lab that cannot be imported is told in one line, exit 1."""
    monkeypatch.setitem(sys.modules, "labs.lab06_retries", types.ModuleType("labs.lab06_retries"))
    result = breakfix("run", "lab06")
    assert result.exit_code == 1
    assert "lab06_retries/__init__.py: LAB is missing; expected LAB = Lab(...)" in one_complaint(result)
