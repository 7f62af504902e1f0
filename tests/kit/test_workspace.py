"""The learner's files: nothing is lost, nothing is half written, two notebooks do not mix theirs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import labs
from labs.kit.model.lab import Fix
from labs.kit.model.record import Record, Run, RunInfo
from labs.kit.model.verdict import Status, Verdict
from labs.kit.notebook import workspace
from labs.kit.notebook.progress import FILE, Progress, State, as_verdict, summary
from labs.kit.notebook.workspace import NoSuchVersion, WorkFolderError, Workspace, work_folder, work_path, write_atomic
from tests.kit import learner_lab


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Workspace:
    """A work folder of its own."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "work"))
    return Workspace("lab99")


def files(folder: Path) -> list[str]:
    """The names in a folder, sorted."""
    return sorted(p.name for p in folder.iterdir())


def run_record(seed: int) -> Run:
    """An empty run."""
    return Record().close(
        RunInfo("lab99", "outage", "fix/../x", "abcdef0123", "simulated", seed, 1.0, 1.0, str(Status.PASS), "", "test")
    )


def verdict(points: float, status: Status = Status.PASS) -> Verdict:
    """A verdict worth some points."""
    return Verdict("doubled", status, points, 4.0, 0.5, 1.0, "of all", "Said.", "")


def test_the_work_folder_is_made_where_the_environment_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """BREAKFIX_WORK moves the work; looking makes nothing, asking for the folder makes it."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "mine"))
    assert work_path("lab06") == tmp_path / "mine" / "lab06"
    assert not work_path("lab06").exists()
    assert work_folder("lab06").is_dir()
    assert work_folder() == tmp_path / "mine"
    monkeypatch.delenv("BREAKFIX_WORK")
    assert work_path("lab06") == labs.ROOT / "work" / "lab06"


def test_a_folder_that_cannot_be_written_is_one_clear_error(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Where a file stands in the way, the error names the path and the way out."""
    (tmp_path / "file").write_text("")
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "file"))
    with pytest.raises(WorkFolderError, match="BREAKFIX_WORK"):
        Workspace("lab99")


def test_every_version_is_kept_once(place: Workspace) -> None:
    """Versions are numbered in the order of their first save; one that comes back is not kept twice, a blank one never."""
    for source in ("a = 1\n", "a = 2\n", "a = 1\n", "a = 1\n", "   \n", "# %%fix\n\n", "a = 3\n"):
        place.save_fix(source)
        assert place.read_fix() == source
    assert [(v.number, v.source) for v in place.versions()] == [(1, "a = 1\n"), (2, "a = 2\n"), (3, "a = 3\n")]
    assert place.version(2).source == "a = 2\n"
    assert files(place.history_folder) == ["001.py", "002.py", "003.py"]


def test_an_edit_made_outside_the_notebook_is_kept(place: Workspace) -> None:
    """What an editor wrote into fix.py is in the history before the next cell replaces it."""
    place.save_fix("a = 1\n")
    place.fix_file.write_text("edited = True\n")
    place.save_fix("a = 2\n")
    assert [v.source for v in place.versions()] == ["a = 1\n", "edited = True\n", "a = 2\n"]


def test_numbers_go_on_after_a_version_was_deleted(place: Workspace) -> None:
    """A number is not given out again while later versions stand: nothing is overwritten. Stray files are left alone."""
    for source in ("a\n", "b\n", "c\n"):
        place.save_fix(source)
    (place.history_folder / "002.py").unlink()
    (place.history_folder / "notes.py").write_text("mine")
    place.save_fix("d\n")
    assert [v.number for v in place.versions()] == [1, 3, 4]
    with pytest.raises(NoSuchVersion, match=r"no version 2 .*: 1, 3, 4"):
        place.version(2)


def test_text_that_is_not_utf8_survives(place: Workspace) -> None:
    """A lone surrogate in a cell, or odd bytes in a file, lose neither the version nor the session."""
    place.save_fix("a = '\ud800'\n")
    place.save_fix("a = '\ud800'\n")
    place.fix_file.write_bytes(b"\xff\n")
    place.save_fix("b\n")
    assert [v.source for v in place.versions()] == ["a = '\\ud800'\n", "\\xff\n", "b\n"]


def test_a_write_that_fails_leaves_the_old_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When the disk is full in the middle of a write, the old content stands and no stray file is left."""
    target = tmp_path / "fix.py"
    write_atomic(target, "old")

    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(WorkFolderError, match="No space left on device"):
        write_atomic(target, "new")
    assert target.read_text() == "old"
    assert files(tmp_path) == ["fix.py"]


def test_records_are_kept_and_the_oldest_go(place: Workspace, monkeypatch: pytest.MonkeyPatch) -> None:
    """A record can be read back; beyond the number kept the oldest are removed; no name leaves the folder."""
    monkeypatch.setattr(workspace, "KEPT_RECORDS", 3)
    for seed in range(5):
        path = place.save_record(run_record(seed))
        os.utime(path, (seed, seed))
    assert files(place.records_folder) == [f"outage-fix_.._x-abcdef01-seed{seed}.sqlite" for seed in (2, 3, 4)]
    assert Run.load(path).info.seed == 4


SAVE_MANY = """
import sys
from labs.kit.notebook.progress import Progress
from labs.kit.notebook.workspace import Workspace

place = Workspace("lab99")
progress = Progress(place)
for number in range(15):
    place.save_fix(f"{sys.argv[1]} = {number}\\n")
    progress.change(lambda state: setattr(state, "runs", state.runs + 1))
"""


def test_two_notebooks_at_once_lose_nothing(place: Workspace) -> None:
    """Two processes that save at the same time end with every version of both, and with every count."""
    both = [subprocess.Popen([sys.executable, "-c", SAVE_MANY, name], cwd=labs.ROOT) for name in ("a", "b")]
    assert [process.wait(60) for process in both] == [0, 0]
    assert {v.source for v in place.versions()} == {f"{name} = {n}\n" for name in "ab" for n in range(15)}
    assert Progress(place).read().runs == 30


def test_progress_survives_the_session(place: Workspace) -> None:
    """What one session wrote, the next one reads; the best attempt stays the best."""

    def work(state: State) -> None:
        state.predictions.append({"name": "attempts", "value": 12, "unit": "", "after_runs": 0})
        for sha, points in (("a", 1.0), ("b", 4.0), ("c", 2.0), ("b", 4.0)):
            state.record_attempt(sha, [verdict(points)])

    Progress(place).change(work)
    state = Progress(place).read()
    assert state.attempts == ["a", "b", "c"]
    assert as_verdict(state.best[0]) == verdict(4.0)
    assert state.predictions[0]["value"] == 12


GOOD = {"version": 1, "runs": 2}


@pytest.mark.parametrize(
    "content",
    [
        b"", b"{", b"[]", b'"text"', b"\xff\xfe", b"null", b'{"runs": 2}', b'{"version": "1"}', b'{"version": 99}',
        *(json.dumps({**GOOD, **wrong}).encode() for wrong in (
            {"runs": "many"}, {"runs": True}, {"hints": None}, {"predictions": [{}]}, {"predictions": [3]}, {"best": [{}]},
            {"best": [{"check": "x"}]}, {"walls": {"run": "long"}}, {"attempts": [1]}, {"diagnosis": {"points": 1}},
        )),
    ],
)  # fmt: skip
def test_a_damaged_progress_file_is_set_aside(place: Workspace, content: bytes) -> None:
    """Progress that cannot be read is kept under another name and told once; a new one begins, and nothing crashes."""
    (place.folder / FILE).write_bytes(content)
    progress = Progress(place)
    assert progress.read() == State()
    assert progress.change(lambda state: setattr(state, "hints", 1)).hints == 1
    assert len(progress.notices) == 1
    assert "progress.damaged-1.json" in progress.notices[0]
    assert (place.folder / "progress.damaged-1.json").read_bytes() == content
    assert Progress(place).read().hints == 1


def test_a_second_damage_does_not_replace_the_first(place: Workspace) -> None:
    """Each damaged file gets a name of its own."""
    for content in ("one", "two"):
        (place.folder / FILE).write_text(content)
        Progress(place).read()
    assert [(place.folder / f"progress.damaged-{n}.json").read_text() for n in (1, 2)] == ["one", "two"]


def test_keys_of_a_later_release_are_ignored(place: Workspace) -> None:
    """A key that this release does not know is no damage."""
    (place.folder / FILE).write_text(json.dumps({**GOOD, "stars": 5}))
    assert Progress(place).read() == State(runs=2)


def test_the_summary_has_a_row_for_each_lab(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Each lab has a row, from "not started" to "repaired"; looking makes no file, and damage is told, not repaired."""
    monkeypatch.setenv("BREAKFIX_WORK", str(tmp_path / "work"))
    lab = learner_lab.install(tmp_path / "labs")
    try:
        (row,) = summary()
        assert (row["lab"], row["title"], row["state"], row["points"], row["max_points"]) == (
            "lab99_doubling", "The doubler", "not started", 0, 6,
        )  # fmt: skip
        assert not (tmp_path / "work").exists()

        progress = Progress(Workspace(lab.name))
        progress.change(lambda state: setattr(state, "runs", 3))
        assert [(r["state"], r["runs"]) for r in summary()] == [("begun", 3)]

        progress.change(lambda state: state.record_attempt(Fix("fix", "x").sha, [verdict(4.0)]))
        assert [(r["state"], r["points"], r["attempts"]) for r in summary()] == [("repaired", 4, 1)]

        progress.path.write_text("{")
        (row,) = summary()
        assert (row["state"], row["notice"] != "") == ("not started", True)
        assert progress.path.read_text() == "{"
    finally:
        learner_lab.remove(tmp_path / "labs")
