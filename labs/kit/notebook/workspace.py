"""The learner's work on disk: the current repair, all earlier versions, and the records of runs.

    work/<lab>/fix.py                        the current repair
    work/<lab>/.breakfix/history/NNN.py      all versions of the repair, without duplicates
    work/<lab>/.breakfix/records/*.sqlite    records of the last runs
    work/<lab>/.breakfix/verdicts/*.json     verdicts, by all that they depend on
    work/<lab>/progress.json                 see labs.kit.notebook.progress

Each file is written completely and then renamed into place, under one lock per lab, so that two open notebooks do not mix
their files.
"""

from __future__ import annotations

import os
import re
import sqlite3
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import labs
from labs.kit.judging.fix_cell import without_magic_line
from labs.kit.model.names import RUNBOOK
from labs.kit.model.record import Run

KEPT_RECORDS = 30
"""The number of records kept per lab. The oldest are deleted: a run can be made again."""


class WorkFolderError(RuntimeError):
    """The work folder cannot be used; the message says why and what to do."""


class NoSuchVersion(ValueError):
    """The history has no such version of the repair; the message lists its versions."""


def work_path(lab_name: str | None = None) -> Path:
    """The folder of the learner's work, existing or not: BREAKFIX_WORK or `work` beside the labs, with the lab's folder."""
    chosen = os.environ.get("BREAKFIX_WORK")
    root = Path(chosen).expanduser().resolve() if chosen else labs.ROOT / "work"
    return root / lab_name if lab_name else root


def work_folder(lab_name: str | None = None) -> Path:
    """The same folder as `work_path`, created if it does not exist. Raises WorkFolderError."""
    path = work_path(lab_name)
    _make(path)
    return path


def _make(path: Path) -> None:
    try:
        path.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise WorkFolderError(_advice(path, error)) from error


def _advice(path: Path, error: OSError) -> str:
    return f"cannot write to {path} ({error.strerror}); free it, or set BREAKFIX_WORK to a folder that you may write to."


def write_atomic(path: Path, data: str | bytes) -> None:
    """Replace a file atomically: a reader sees the old or the new file, also after a crash. Raises WorkFolderError."""
    _make(path.parent)
    content = data.encode("utf-8", "backslashreplace") if isinstance(data, str) else data
    try:
        handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            os.replace(name, path)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as error:
        raise WorkFolderError(_advice(path, error)) from error


@dataclass(frozen=True)
class Version:
    """One version of the repair in the history."""

    number: int
    source: str


class Workspace:
    """The files of one lab."""

    def __init__(self, lab_name: str) -> None:
        self.folder = work_folder(lab_name)
        self.fix_file = self.folder / "fix.py"
        self.hidden = self.folder / ".breakfix"
        self.history_folder = self.hidden / "history"
        self.records_folder = self.hidden / "records"
        self.verdicts_folder = self.hidden / "verdicts"

    @contextmanager
    def lock(self) -> Iterator[None]:
        """Hold the lab's lock: other notebooks wait. Not re-entrant."""
        import fcntl

        _make(self.hidden)
        try:
            handle = os.open(self.hidden / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
        except OSError as error:
            raise WorkFolderError(_advice(self.hidden, error)) from error
        try:
            fcntl.flock(handle, fcntl.LOCK_EX)
            yield
        finally:
            os.close(handle)

    def save_fix(self, source: str) -> None:
        """Make `source` the current repair. The history then holds it and the previous text of fix.py."""
        with self.lock():
            before = self.read_fix()
            if before is not None:
                self._keep(before)
            self._keep(source)
            if before != _as_read(source):
                write_atomic(self.fix_file, source)

    def read_fix(self) -> str | None:
        """The current repair, or None if no repair was saved yet."""
        return _read(self.fix_file)

    def noted(self, name: str) -> str:
        """The text of a file in the hidden folder; "" if there is none."""
        return _read(self.hidden / name) or ""

    def _keep(self, source: str) -> None:
        source = _as_read(source)
        versions = self.versions()
        if without_magic_line(source).strip() and all(version.source != source for version in versions):
            number = versions[-1].number + 1 if versions else 1
            write_atomic(self.history_folder / f"{number:03d}.py", source)

    def versions(self) -> list[Version]:
        """All versions of the repair, the oldest first."""
        files = [(int(p.stem), p) for p in self.history_folder.glob("*.py") if p.stem.isdecimal()]
        found = [Version(number, text) for number, path in sorted(files) if (text := _read(path)) is not None]
        return found

    def version(self, number: int) -> Version:
        """The version with that number. Raises NoSuchVersion."""
        versions = self.versions()
        for version in versions:
            if version.number == number:
                return version
        known = ", ".join(str(v.number) for v in versions) or "none yet"
        raise NoSuchVersion(f"there is no version {number!r} of the repair; the history holds: {known}")

    def save_record(self, run: Run) -> Path:
        """Keep the record of a run as one SQLite file, and at most KEPT_RECORDS files. Raises WorkFolderError."""
        i = run.info
        name = re.sub(r"[^\w.-]+", "_", f"{i.scenario}-{i.fix}-{i.fix_sha[:8]}-seed{i.seed}" + "-live" * (i.world == "live"))
        name += "-operated" * bool(run.events(RUNBOOK))
        path = self.records_folder / f"{name}.sqlite"
        _make(self.records_folder)
        with self.lock():
            try:
                run.save(path)
            except (OSError, sqlite3.Error) as error:
                raise WorkFolderError(f"cannot write the record {path} ({error}); make room for it.") from error
            records = sorted(self.records_folder.glob("*.sqlite"), key=lambda p: (p.stat().st_mtime_ns, p.name))
            for old in records[:-KEPT_RECORDS]:
                old.unlink(missing_ok=True)
        return path


def _as_read(source: str) -> str:
    return source.encode("utf-8", "backslashreplace").decode("utf-8")


def _read(path: Path) -> str | None:
    try:
        return path.read_bytes().decode("utf-8", "backslashreplace")
    except OSError:
        return None
