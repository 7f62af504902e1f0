"""Traps of a batch: one submission must not end it, one failure must not become a zero, two graders must not meet."""

from __future__ import annotations

import json
import logging
import os
import sqlite3
import subprocess
import sys
from pathlib import Path

import psutil
import pytest
from nbgrader.apps.api import NbGraderAPI
from nbgrader.converters import Autograde
from nbgrader.converters.base import NbGraderException

from grader import course as courses
from grader.judge import judge
from labs.kit.model.verdict import Status
from tests.grader.conftest import ANSWER, NAME, RIGHT, Course
from tests.grader.odd import behind, filled

FULL = {"check_bounded": 4, "check_useful": 2.5, "check_diagnosis": 1}


@pytest.mark.usefixtures("judge_here")
def test_a_duplicated_cell_does_not_end_the_batch(course: Course) -> None:
    """Stock nbgrader gives up every submission after the first that holds a grade id twice."""
    twice = filled(course.release)
    behind("check_bounded", 'lab.check("bounded")')(twice)
    course.submit("a twice", twice)
    course.submit("b plain", filled(course.release))
    course.autograde()
    assert course.scores() == {"a twice": FULL, "b plain": FULL}


@pytest.mark.usefixtures("judge_here")
def test_a_lone_surrogate_does_not_lose_the_submission(course: Course) -> None:
    """JSON can spell half a character; UTF-8 cannot, and the graded file is UTF-8."""
    course.submit("half", filled(course.release, f"%%fix\n# \ud83d\n{RIGHT}", ANSWER, runbook="\ud83d"))
    course.autograde()
    assert course.scores()["half"] == FULL
    assert "\\ud83d" in str(course.graded("half")["cells"])


@pytest.fixture
def failing(course: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """Three submissions; the judge dies on the second, and then on the reference too: it is not the repair's fault."""
    monkeypatch.setattr("grader.judge._reference_is_judged", lambda *given: False)
    course.submit("a", filled(course.release))
    course.submit("b", filled(course.release, f"%%fix\n# end the judge\n{RIGHT}"))
    course.submit("c", filled(course.release))
    return course


def test_a_judge_that_fails_leaves_one_submission_ungraded_and_says_so(
    failing: Course, caplog: pytest.LogCaptureFixture
) -> None:
    """The others are graded; nbgrader ends with an error; the one has no score at all and waits for a person."""
    with caplog.at_level(logging.ERROR), pytest.raises(NbGraderException):
        failing.autograde()
    scores = failing.scores()
    assert (scores["a"], scores["c"]) == (FULL, FULL)
    assert scores["b"] == dict.fromkeys(FULL)
    assert not (failing.root / "autograded" / "b").exists() or not list((failing.root / "autograded" / "b").rglob("*.ipynb"))
    assert sum(f"{NAME} of b is NOT GRADED" in r.getMessage() for r in caplog.records) == 1
    with failing.gradebook() as book:
        assert book.find_submission(NAME, "b").needs_manual_grade
        assert {s.student.id for s in book.assignment_submissions(NAME) if s.needs_manual_grade} == {"b"}


@pytest.mark.usefixtures("judge_here")
def test_the_next_run_grades_what_was_left_and_only_that(failing: Course, caplog: pytest.LogCaptureFixture) -> None:
    """No --force needed: nothing of the failed submission stands in the way."""
    with pytest.raises(NbGraderException):
        failing.autograde()
    failing.submit("b", filled(failing.release))
    before = (failing.root / "autograded" / "a" / NAME / f"{NAME}.ipynb").stat().st_mtime_ns
    failing.autograde()
    assert failing.scores() == {"a": FULL, "b": FULL, "c": FULL}
    assert (failing.root / "autograded" / "a" / NAME / f"{NAME}.ipynb").stat().st_mtime_ns == before


@pytest.mark.usefixtures("judge_here")
def test_a_failed_regrade_leaves_no_old_score_behind(failing: Course) -> None:
    """The old score was that of an older submission."""
    failing.submit("b", filled(failing.release))
    failing.autograde()
    assert failing.scores()["b"] == FULL
    failing.submit("b", filled(failing.release, f"%%fix\n# end the judge\n{RIGHT}"))
    with pytest.raises(NbGraderException):
        failing.autograde("b", force=True)
    assert failing.scores()["b"] == dict.fromkeys(FULL)


@pytest.mark.usefixtures("judge_here")
def test_an_unsupported_repair_waits_for_a_person(course: Course) -> None:
    """Not an unfair zero for good: the gradebook asks somebody to look, and the page names the call."""
    course.submit("a", filled(course.release, "%%fix\nimport subprocess\nLIMIT = 5\n"))
    course.submit("b", filled(course.release, "%%fix\nraise ValueError\n"))
    course.autograde()
    with course.gradebook() as book:
        waiting = {s.student.id for s in book.assignment_submissions(NAME) if s.needs_manual_grade}
    assert waiting == {"a"}
    assert "subprocess.run cannot be carried" in str(course.graded("a")["cells"])


# What the judge leaves running ------------------------------------------------------------------------------------------


def test_a_child_forked_twice_does_not_outlive_the_judge(course: Course, tmp_path: Path) -> None:
    """In a session of its own and with every descriptor it could inherit, it neither survives nor keeps us waiting."""
    note = tmp_path / "pid"
    verdicts = judge(NAME, f"# leave a child behind {note}\n{RIGHT}", seeds=(0,))
    assert verdicts[0].status is Status.PASS
    assert not psutil.pid_exists(int(note.read_text()))


def test_children_do_not_inherit_the_judges_output(course: Course, tmp_path: Path) -> None:
    """What they print on 1 and 2 would stand in the middle of the verdicts; it goes nowhere."""
    lab = course.root / "labs" / NAME / "__init__.py"
    shout = "    os.system('echo out; echo err >&2')\n    os.write(1, b'direct'); os.write(2, b'direct')\n"
    lab.write_text(lab.read_text().replace('    if "while True" in source', shout + '    if "while True" in source', 1))
    (tmp_path / "fix.py").write_text(RIGHT)
    command = [sys.executable, "-m", "grader.judge", NAME, str(tmp_path / "fix.py")]
    environment = {**os.environ, "PYTHONPATH": str(course.root)}
    done = subprocess.run(command, cwd=course.root, env=environment, text=True, capture_output=True, check=True)
    assert json.loads(done.stdout)["points"] == 6.5
    assert done.stderr == ""


# Before the first submission is touched --------------------------------------------------------------------------------


def refused(course: Course, caplog: pytest.LogCaptureFixture) -> str:
    """Autograde ends before it starts; its one line in the log."""
    caplog.clear()
    with caplog.at_level(logging.ERROR), pytest.raises(NbGraderException):
        course.autograde()
    assert not (course.root / "autograded").exists()
    (line,) = [r.getMessage() for r in caplog.records if r.levelno >= logging.ERROR]
    return line


@pytest.mark.usefixtures("judge_here")
def test_what_the_batch_stands_on_is_checked_before_the_first_submission(
    course: Course, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    """nbgrader swallows what a hook raises and would go on; ours is no hook. One line says what to do."""
    course.submit("a", filled(course.release))
    monkeypatch.setenv("BREAKFIX_PRIVATE_SEEDS", str(course.root / "seeds.json"))
    assert "inside the repository" in refused(course, caplog)
    monkeypatch.delenv("BREAKFIX_PRIVATE_SEEDS")
    release = course.root / "notebooks" / NAME / f"{NAME}.ipynb"
    text = release.read_text()
    release.unlink()
    assert "run `breakfix build lab97_tiny`" in refused(course, caplog)
    release.write_text(text)
    book = course.root / "gradebook.db"
    empty = book.read_bytes()
    book.write_bytes(b"no database, only some text that is long enough")
    assert "not a database" in refused(course, caplog)
    assert not any(courses._held.values())
    book.write_bytes(empty)
    course.autograde()
    assert course.scores() == {"a": FULL}


@pytest.mark.usefixtures("judge_here")
def test_private_seeds_change_the_score_and_stay_private(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A limit of 8 passes in public and not in private; the graded page says which it was, and no seed."""
    course.submit("a", filled(course.release, "%%fix\nLIMIT = 8\n"))
    course.autograde()
    assert course.scores()["a"]["check_bounded"] == 4
    assert "public seeds 0, 1, 2" in course.graded("a")["cells"][0]["source"][-1]
    (tmp_path / "seeds.json").write_text('{"seeds": [471147], "secret": "indigo"}')
    monkeypatch.setenv("BREAKFIX_PRIVATE_SEEDS", str(tmp_path / "seeds.json"))
    course.autograde(force=True)
    assert course.scores()["a"]["check_bounded"] == 0
    page = str(course.graded("a"))
    assert "1 private seed." in page
    assert not any(word in page for word in ("471147", "indigo"))


def test_an_empty_gradebook_learns_the_lab_at_once_and_a_full_one_is_left_alone(course: Course) -> None:
    """No `nbgrader generate_assignment` first; registered once, and again only when points or cells have changed."""
    release = courses.read_release(course.directory(), NAME)
    assert courses.register(course.directory(), NAME, release)
    assert not courses.register(course.directory(), NAME, release)
    next(c for c in release.cells if c.id == "check_useful").metadata.nbgrader.points = 3
    assert courses.register(course.directory(), NAME, release)
    with course.gradebook() as book:
        assert book.find_assignment(NAME).max_score == 4 + 3 + 1 + 2


@pytest.mark.usefixtures("judge_here")
def test_cells_that_came_or_went_after_grading_are_named_as_the_reason(
    course: Course, caplog: pytest.LogCaptureFixture
) -> None:
    """nbgrader cannot follow; the message offers both ways out."""
    course.submit("a", filled(course.release))
    course.autograde()
    release = courses.read_release(course.directory(), NAME)
    release.cells = [c for c in release.cells if c.id != "check_useful"]
    with pytest.raises(ValueError, match="finish them with the old release, or remove the assignment"):
        courses.register(course.directory(), NAME, release)


def test_a_new_gradebook_finds_alembic_off_the_path(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    """nbgrader calls it by name; it lies beside this Python, which need not be on the PATH."""
    monkeypatch.setenv("PATH", "/usr/bin:/bin")
    (course.root / "gradebook.db").unlink()
    course.submit("a", filled(course.release))
    course.autograde()
    with sqlite3.connect(course.root / "gradebook.db") as book:
        assert book.execute("select count(*) from alembic_version").fetchone() == (1,)
    book.close()


# Two graders -----------------------------------------------------------------------------------------------------------

HOLD = """
import sys, pathlib
from grader.course import lock_students
class Owner: pass
owner = Owner()
lock_students(pathlib.Path(sys.argv[1]), [(sys.argv[2], sys.argv[3])], owner)
print("held", flush=True)
sys.stdin.read()
"""


def test_the_gradebook_waits_for_its_lock_and_lies_in_one_place(course: Course) -> None:
    """Ten seconds' patience of SQLite's own default is too little for a class, and a relative path makes two gradebooks."""
    address = course.directory().db_url
    assert address == f"sqlite:///{course.root}/gradebook.db?timeout=60"


@pytest.mark.usefixtures("judge_here")
def test_the_same_student_is_not_graded_twice_at_once(course: Course, caplog: pytest.LogCaptureFixture) -> None:
    """The second grader is refused before it deletes what the first writes; another student is graded meanwhile."""
    course.submit("a", filled(course.release))
    course.submit("b", filled(course.release))
    command = [sys.executable, "-c", HOLD, str(course.root), NAME, "a"]
    environment = {**os.environ, "PYTHONPATH": str(course.root)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=environment, cwd=course.root) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"held\n"
        assert "a is being graded in lab97_tiny by another process" in refused(course, caplog)
        course.autograde("b")
        assert set(course.scores()) == {"b"}
        other.communicate()
    course.autograde()
    assert course.scores() == {"a": FULL, "b": FULL}


@pytest.mark.usefixtures("judge_here")
def test_a_batch_lets_go_of_its_students_at_its_end(course: Course) -> None:
    """Formgrader's server keeps its converter: pressed once, Autograde would refuse each command line from then on."""
    course.submit("a", filled(course.release))
    converter = Autograde(coursedir=course.directory(student_id="a"), config=course.config())
    converter.start()
    command = [sys.executable, "-c", HOLD, str(course.root), NAME, "a"]
    environment = {**os.environ, "PYTHONPATH": str(course.root)}
    done = subprocess.run(command, input="", capture_output=True, text=True, env=environment, cwd=course.root, check=False)
    assert (done.stdout, done.stderr) == ("held\n", "")
    assert course.scores() == {"a": FULL}
    assert converter.exporter.parent is converter  # both are still there


@pytest.mark.usefixtures("judge_here")
def test_the_autograde_button_finds_any_name_and_lets_go(course: Course) -> None:
    """What Formgrader's server calls when it is pressed, while nothing in the submission is called *.ipynb."""
    course.submit("a", filled(course.release), file=f"{NAME}.json")
    api = NbGraderAPI(course.directory(), config=course.config())
    done = api.autograde(NAME, "a")
    assert done["success"], done
    assert course.scores() == {"a": FULL}
    assert not any(courses._held.values())


@pytest.mark.usefixtures("judge_here")
def test_a_batch_that_fails_lets_go_too(failing: Course) -> None:
    """Whatever ends it."""
    converter = Autograde(coursedir=failing.directory(student_id="b"), config=failing.config())
    with pytest.raises(NbGraderException):
        converter.start()
    assert not any(courses._held.values())


def test_two_processes_with_students_of_their_own_share_an_empty_gradebook(course: Course) -> None:
    """Both find no gradebook, both make one: one of them waits, and both grade."""
    (course.root / "gradebook.db").unlink()
    for student in ("a", "b"):
        course.submit(student, filled(course.release))
    environment = {**os.environ, "PYTHONPATH": str(course.root)}
    both = [
        subprocess.Popen(
            [sys.executable, "-m", "nbgrader", "autograde", NAME, f"--student={student}"],
            cwd=course.root,
            env=environment,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        for student in ("a", "b")
    ]
    told = [process.communicate()[0] for process in both]
    assert [process.returncode for process in both] == [0, 0], told
    assert course.scores() == {"a": FULL, "b": FULL}
    # The terminal shows nbgrader's own lines, not six remarks of SQLAlchemy's a submission.
    assert not any("SAWarning" in text for text in told)


# Files -----------------------------------------------------------------------------------------------------------------


@pytest.mark.usefixtures("judge_here")
def test_a_renamed_file_is_found_and_the_newest_counts(course: Course) -> None:
    """A browser's second download is called "LAB (1).ipynb"; nbgrader would give it a zero."""
    old = course.submit("a", filled(course.release, "%%fix\nLIMIT = 1\n"), file=f"{NAME} (1).ipynb")
    os.utime(old, (1, 1))
    course.submit("a", filled(course.release), file=f"{NAME} (2).ipynb")
    course.autograde()
    assert course.scores()["a"] == FULL
    told = "".join(course.graded("a")["cells"][0]["source"])
    assert f"the file was called `{NAME} (2).ipynb`" in told
    assert f"other notebooks were not read: `{NAME} (1).ipynb`" in told


@pytest.mark.usefixtures("judge_here")
@pytest.mark.parametrize(
    "name", [f"{NAME}.ipynb.txt", f"{NAME}.json", f"{NAME}.IPYNB", f"{NAME} (1).ipynb.json", f"{NAME}.txt"]
)
def test_a_notebook_that_is_not_called_ipynb_is_found(course: Course, name: str) -> None:
    """Browsers and mail programs rename it so; nbgrader would not see a submission at all, and tell nobody."""
    course.submit("a", filled(course.release), file=name, progress__json="{}", timestamp__txt="2030-01-01 00:00 UTC")
    course.autograde("a")
    assert course.scores() == {"a": FULL}
    assert f"the file was called `{name}`" in "".join(course.graded("a")["cells"][0]["source"])
    graded = course.root / "autograded" / "a" / NAME
    assert sorted(p.name for p in graded.iterdir()) == sorted([f"{NAME}.ipynb", "timestamp.txt", *EXTRA.get(name, [])])
    assert (course.root / "submitted" / "a" / NAME / name).is_file()


EXTRA = {f"{NAME}.txt": [f"{NAME}.txt"], f"{NAME}.IPYNB": [f"{NAME}.IPYNB"]}
"""What nbgrader copies beside the graded notebook, as it does with any file of a kind that it is not told to ignore."""


@pytest.mark.usefixtures("judge_here")
def test_what_is_called_ipynb_goes_before_other_names(course: Course) -> None:
    """Whichever is newer; and what has nothing of a notebook's name is never read."""
    file = course.submit("a", filled(course.release), file="mine.ipynb")
    os.utime(file, (1, 1))
    course.submit("a", course.release, file=f"{NAME}.json", notes__txt="x")
    course.submit("b", "some notes", file="notes.txt")
    course.autograde()
    assert course.scores() == {"a": FULL}
    assert f"other notebooks were not read: `{NAME}.json`" in "".join(course.graded("a")["cells"][0]["source"])


@pytest.mark.usefixtures("judge_here")
def test_the_right_name_counts_even_if_another_file_is_newer(course: Course) -> None:
    """And the page says that the other was not read."""
    file = course.submit("a", filled(course.release))
    os.utime(file, (1, 1))
    course.submit("a", course.release, file="scratch.ipynb")
    course.autograde()
    assert course.scores()["a"] == FULL
    assert "other notebooks were not read: `scratch.ipynb`" in "".join(course.graded("a")["cells"][0]["source"])


@pytest.mark.usefixtures("judge_here")
def test_a_blank_notebook_beside_another_waits_for_a_person(course: Course) -> None:
    """The work may be in the file that was not read; where the one that was read has an answer, nobody needs to look."""
    course.submit("a", course.release)
    course.submit("a", filled(course.release), file=f"{NAME} (1).ipynb")
    course.submit("b", filled(course.release, runbook="Roll back, page the owner."))
    course.submit("b", course.release, file="scratch.ipynb")
    course.autograde()
    with course.gradebook() as book:
        found = {s.student.id: s.notebooks[0].grades for s in book.assignment_submissions(NAME)}
        waiting = {student: {g.name for g in grades if g.needs_manual_grade} for student, grades in found.items()}
    assert waiting == {"a": {*FULL, "runbook"}, "b": {"runbook"}}
    told = "".join(course.graded("a")["cells"][0]["source"])
    assert f"the repair is unchanged, and `{NAME} (1).ipynb` was not read; hand in one notebook only" in told
    assert "An instructor will look" not in "".join(course.graded("b")["cells"][0]["source"])


@pytest.mark.usefixtures("judge_here")
def test_a_link_out_of_the_submission_is_not_followed(course: Course, tmp_path: Path) -> None:
    """It would put somebody else's file on the feedback page."""
    (tmp_path / "other.ipynb").write_text(json.dumps(filled(course.release)))
    folder = course.root / "submitted" / "a" / NAME
    folder.mkdir(parents=True)
    (folder / f"{NAME}.ipynb").symlink_to(tmp_path / "other.ipynb")
    course.autograde()
    assert course.scores()["a"] == dict.fromkeys(FULL, 0)


@pytest.mark.usefixtures("judge_here")
def test_files_beside_a_submission_stay_where_they_are(course: Course) -> None:
    """Repairs, records and the learner's state are not copied into the graded folder; the time stamp is."""
    course.submit(
        "a", filled(course.release), fix__py="x", run__sqlite="x", progress__json="{}", timestamp__txt="2030-01-01 00:00 UTC"
    )
    hidden = course.root / "submitted" / "a" / NAME / ".breakfix"
    hidden.mkdir()
    (hidden / "secret.txt").write_text("x")
    course.autograde()
    graded = course.root / "autograded" / "a" / NAME
    assert sorted(p.name for p in graded.iterdir()) == [f"{NAME}.ipynb", "timestamp.txt"]
