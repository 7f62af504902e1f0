"""The judge as a process of its own, and the side that asks it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import psutil
import pytest

import labs
from grader import cache, sandbox
from grader import judge as judging
from grader.judge import ONLY_HERE, TRIES, JudgeFailed, judge
from labs.kit.model.lab import Fix
from labs.kit.model.verdict import Status, total
from tests.grader.conftest import BROKEN, NAME, RIGHT, STARVED, Course


def ask(course: Course, *arguments: str, **kwargs: str) -> subprocess.CompletedProcess[str]:
    """Run the judge as a script would."""
    environment = {**os.environ, "PYTHONPATH": str(course.root)}
    command = [sys.executable, "-m", "grader.judge", *arguments]
    return subprocess.run(command, cwd=course.root, env=environment, text=True, capture_output=True, check=False, **kwargs)


@pytest.fixture
def counted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """How often a judge was started."""
    started: list[str] = []
    ask_really = judging._ask

    def counting(lab: str, *rest: object) -> str:
        started.append(lab)
        return ask_really(lab, *rest)

    monkeypatch.setattr(judging, "_ask", counting)
    return started


def test_the_process_prints_verdicts_as_json_and_nothing_else(course: Course, tmp_path: Path) -> None:
    """Exit 0, one JSON object on standard output, nothing on standard error."""
    (tmp_path / "fix.py").write_text(STARVED)
    done = ask(course, NAME, str(tmp_path / "fix.py"), "--seeds", "2")
    assert (done.returncode, done.stderr) == (0, "")
    answer = json.loads(done.stdout)
    assert (answer["lab"], answer["points"], answer["max_points"]) == (NAME, 4.0, 6.5)
    assert [(v["check"], v["status"]) for v in answer["verdicts"]] == [
        ("bounded", "pass"),
        ("useful", "fail"),
        ("whole", "pass"),
    ]
    assert "Failed on 2 of 2 seeds" in answer["verdicts"][1]["message"]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (("lab_none", "{fix}"), "unknown lab"),
        ((NAME, "{absent}"), "cannot be read"),
        ((NAME, "{fix}", "--seeds", "0"), "expected a number from 1 to 50"),
        ((NAME, "{fix}", "--private", "{absent}"), "cannot be read"),
        ((NAME, "{fix}", "--private", "{fix}"), "is not JSON"),
    ],
)
def test_bad_input_is_one_line_and_exit_2(course: Course, tmp_path: Path, arguments: tuple[str, ...], says: str) -> None:
    """No traceback reaches whoever scripts against it."""
    (tmp_path / "fix.py").write_text(RIGHT)
    places = {"fix": str(tmp_path / "fix.py"), "absent": str(tmp_path / "absent.py")}
    done = ask(course, *(a.format(**places) for a in arguments))
    assert (done.returncode, done.stdout) == (2, "")
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_private_seeds_reach_the_lab_and_neither_arguments_nor_environment(
    course: Course, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of 8 keeps the public bound of 10 and not the private one of 6; the host processes could read neither."""
    seen: list[tuple[list[str], dict[str, str]]] = []
    popen = subprocess.Popen

    def watching(command: list[str], **kwargs: object) -> object:
        seen.append((command, kwargs["env"]))
        return popen(command, **kwargs)

    monkeypatch.setenv("BREAKFIX_PRIVATE_SEEDS", "/some/where/seeds.json")
    monkeypatch.setattr(judging.subprocess, "Popen", watching)
    assert judge(NAME, "LIMIT = 8", seeds=(5, 6))[0].status is Status.PASS
    verdict = judge(NAME, "LIMIT = 8", seeds=(4711, 4712), secret="blue")[0]
    assert (verdict.status, verdict.message) == (Status.FAIL, "The limit is 8 of 6. (Failed on 2 of 2 seeds.)")
    told = repr([(command, {k: v for k, v in env.items() if "PYTEST" not in k}) for command, env in seen])
    assert not any(word in told for word in ("4711", "blue", "seeds.json", "BREAKFIX_PRIVATE_SEEDS"))


def test_untouched_blank_and_reformatted_code_is_answered_without_a_process(course: Course, counted: list[str]) -> None:
    """Not attempted, zero points, at once."""
    for source in (BROKEN, "", "\n# thoughts\n", BROKEN.replace(" = ", "=") + "\n# mine"):
        verdicts = judge(NAME, source, seeds=(0,))
        assert {v.status for v in verdicts} == {Status.NOT_ATTEMPTED}
        assert total(verdicts) == 0
    assert counted == []


def test_the_same_judgement_is_made_once(course: Course, counted: list[str]) -> None:
    """The second time the cache answers, with the same verdicts; other seeds are judged anew."""
    first = judge(NAME, STARVED, seeds=(0, 1))
    assert judge(NAME, STARVED, seeds=(0, 1)) == first
    assert len(counted) == 1
    judge(NAME, STARVED, seeds=(0, 2))
    assert len(counted) == 2


@pytest.mark.parametrize(
    "damage",
    [
        "{",
        "[]",
        '{"lab": "lab97_tiny", "verdicts": []}',
        '{"lab": "lab00_other", "verdicts": []}',
        '{"lab": "lab97_tiny", "verdicts": [{"check": "bounded"}]}',
    ],
)
def test_a_damaged_cache_is_judged_anew(course: Course, counted: list[str], damage: str) -> None:
    """Half a file, or another's: as if it were not there."""
    first = judge(NAME, STARVED, seeds=(0,))
    file = next(p for p in cache.folder().rglob("*.json"))
    file.write_text(damage)
    assert judge(NAME, STARVED, seeds=(0,)) == first
    assert len(counted) == 2
    assert json.loads(file.read_text())["points"] == 4.0


def test_what_hung_is_not_kept(course: Course, counted: list[str]) -> None:
    """On a busy machine a slow repair can look like one that hangs: it gets another chance."""
    for _ in range(2):
        assert judge(NAME, "while True: pass", seeds=(0,))[0].status is Status.HUNG
    assert len(counted) == 2


FAILS = pytest.mark.parametrize(
    ("source", "says"),
    [("# end the judge\nLIMIT = 5", "exited with 9"), ("# ask for infra_error\nLIMIT = 5", "the machine had a bad day")],
)


@FAILS
def test_a_judge_that_fails_is_repeated_and_never_a_zero(
    course: Course, counted: list[str], source: str, says: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After TRIES failures, and one with the reference, there is no verdict, but an error that says what the judge said."""
    monkeypatch.setattr(type(labs.load(NAME)), "fix", lambda lab, name: Fix(name, source if name == "reference" else BROKEN))
    with pytest.raises(JudgeFailed, match=says):
        judge(NAME, source, seeds=(0,))
    assert len(counted) == TRIES + 1
    assert not list(cache.folder().rglob("*.json"))


@FAILS
def test_a_judge_that_fails_with_one_repair_alone_has_met_a_crash(
    course: Course, counted: list[str], source: str, says: str
) -> None:
    """The control run of the reference is well: the failure is the repair's, and its message says that a person looks."""
    verdicts = judge(NAME, source, seeds=(0,))
    assert {(v.status, v.points, v.reason) for v in verdicts} == {(Status.CRASHED, 0.0, ONLY_HERE)}
    assert says in verdicts[0].message
    assert "An instructor looks" in verdicts[0].message
    assert len(counted) == TRIES + 1
    assert not list(cache.folder().rglob("*.json"))


def test_without_a_sandbox_nothing_is_judged(course: Course, counted: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    """The submission stays ungraded, and the error says what to do; asked for by name, it is judged."""
    monkeypatch.setattr(judging.sandbox, "provided", lambda: sandbox.Provided(None, "no Landlock", "use a newer kernel"))
    with pytest.raises(JudgeFailed, match=r"no sandbox.*no Landlock.*newer kernel.*--unsafe-local"):
        judge(NAME, STARVED, seeds=(0,))
    assert counted == []
    assert judge(NAME, STARVED, seeds=(0,), unsafe_local=True)[0].status is Status.PASS


@pytest.mark.parametrize("points", ["NaN", "Infinity", "true", '"4"', "null"])
def test_points_that_are_no_number_are_a_failed_judge(course: Course, points: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader takes each of these for full marks, so none may come out of a judge."""
    row = {
        "check": "bounded",
        "status": "pass",
        "points": "P",
        "max_points": 4,
        "measured": None,
        "goal": 1.0,
        "unit": "",
        "message": "",
        "hint": "",
    }
    text = json.dumps({"lab": NAME, "verdicts": [row]}).replace('"P"', points)
    monkeypatch.setattr(judging, "_ask", lambda *_: text)
    with pytest.raises(JudgeFailed, match="expected a finite number"):
        judge(NAME, RIGHT, seeds=(0,))


def test_a_judge_past_its_ceiling_is_ended_with_all_that_it_started(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The ceiling counts as a failed judge; its child, though in a session of its own, is gone."""
    note = tmp_path / "pid"
    slow = course.root / "labs" / NAME / "__init__.py"
    slow.write_text(slow.read_text().replace("        pass\n", "        pass\n    import time\n    time.sleep(600)\n", 1))
    monkeypatch.setattr(judging, "TRIES", 1)
    monkeypatch.setattr(judging, "CEILING_S_A_SEED", 20.0)
    ended = judging._ended

    def as_soon_as_there_is_something_to_end(process: subprocess.Popen[bytes], seconds: float) -> bool:
        while not (note.exists() and note.stat().st_size):
            pass
        return seconds != 20.0 and ended(process, seconds)

    monkeypatch.setattr(judging, "_ended", as_soon_as_there_is_something_to_end)
    with pytest.raises(JudgeFailed, match="no answer within 20 s"):
        judge(NAME, f"# leave a child behind {note}\nLIMIT = 5", seeds=(0,))
    assert not psutil.pid_exists(int(note.read_text()))
