"""Prepares a course for nbgrader: the lab in the gradebook, the notebook under its name, one grader per student."""

# mypy: disable-error-code="no-untyped-call,no-any-return"
# nbformat has no types

from __future__ import annotations

import contextlib
import fcntl
import glob
import hashlib
import os
import re
import weakref
from collections import Counter
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import nbformat
from nbformat import NotebookNode
from nbgrader import preprocessors as P
from nbgrader.api import Gradebook, InvalidEntry, MissingEntry
from nbgrader.converters import Autograde
from nbgrader.converters.base import BaseConverter, NbGraderException
from nbgrader.coursedir import CourseDirectory
from sqlalchemy.exc import SQLAlchemyError

import labs
from grader import private
from grader.salvage import as_code

LOCK_FILE = "autograde.lock"


def prepare(converter: Autograde) -> dict[str, NotebookNode]:
    """Check everything on which a whole batch depends, and return the release of each lab to be graded.

    A pre-convert hook cannot do it, because nbgrader swallows the exceptions of a hook, and does not tell it the gradebook
    of the command line.

    Raises:
        NbGraderException: after one line in the log with the error and the remedy.
    """
    try:
        private.from_environment()
        students = [(assignment, student) for assignment, student in map(_names, converter.assignments)]
        releases = {lab: read_release(converter.coursedir, lab) for lab in sorted({lab for lab, _ in students})}
        root = Path(converter.coursedir.root)
        with contextlib.ExitStack() as held:
            held.callback(lock_students(root, students, converter))
            with _alone(root):
                for lab, release in releases.items():
                    register(converter.coursedir, lab, release)
            _unlock_when_done(converter, held.pop_all().close)
    except (ValueError, OSError, SQLAlchemyError, InvalidEntry) as error:
        converter.log.error("%s", error)
        raise NbGraderException(str(error)) from error
    return releases


def _names(folder: str) -> tuple[str, str]:
    """(lab, student) of a folder of submissions, submitted/STUDENT/LAB."""
    path = Path(folder)
    return path.name, path.parent.name


def read_release(coursedir: CourseDirectory, lab: str) -> NotebookNode:
    """The release of a lab. Raises ValueError, also if there is no such lab."""
    name = labs.find(lab)
    if name != lab:
        raise ValueError(f"the assignment is called {lab!r}; the lab is called {name!r}, and nbgrader needs the whole name")
    file = Path(coursedir.format_path(coursedir.release_directory, ".", lab), f"{lab}.ipynb")
    if not file.is_file():
        raise ValueError(f"there is no release at {file}; run `breakfix build {lab}`")
    return nbformat.read(file, as_version=4)


def register(coursedir: CourseDirectory, lab: str, release: NotebookNode) -> bool:
    """Put a lab's cells into the gradebook, if they are not in it already. Returns whether this was necessary.

    `nbgrader generate_assignment` would do it, too, but delete the release on any failure.

    Raises:
        ValueError: cells were added or removed after a submission was graded, which nbgrader cannot handle.
    """
    with Gradebook(coursedir.db_url, coursedir.course_id) as book:
        if _known(book, lab) == _wanted(release):
            return False
        book.update_or_create_assignment(lab)
    resources = {"nbgrader": {"notebook": lab, "assignment": lab, "db_url": coursedir.db_url}}
    try:
        P.SaveCells().preprocess(nbformat.from_dict(release), resources)
    except RuntimeError as error:
        raise ValueError(
            f"{lab} has other graded cells now than when the gradebook's submissions were graded; finish them with the old "
            f"release, or remove the assignment with `nbgrader db assignment remove {lab} --force` and grade all again"
        ) from error
    return True


_Cells = dict[str, tuple[str | None, float | None]]  # grade id -> checksum, points


def _wanted(release: NotebookNode) -> _Cells:
    graded = [c.metadata.nbgrader for c in release.cells if "nbgrader" in c.metadata]
    return {g["grade_id"]: (g.get("checksum"), float(g["points"]) if g["grade"] else None) for g in graded}


def _known(book: Gradebook, lab: str) -> _Cells | None:
    try:
        notebook = book.find_notebook(lab, lab)
    except MissingEntry:
        return None
    points = {cell.name: float(cell.max_score) for cell in notebook.grade_cells}
    return {cell.name: (cell.checksum, points.get(cell.name)) for cell in notebook.source_cells}


# One grader per student ----------------------------------------------------------------------------------------------

_open_locks: dict[Path, int] = {}  # never closed: closing any handle of a file releases all of the process's locks on it
_held: Counter[tuple[int, int]] = Counter()  # (handle, place) -> owners in this process
_REGISTER = 0


def lock_students(root: Path, students: list[tuple[str, str]], owner: object) -> Callable[[], object]:
    """Lock (lab, student) pairs while `owner` exists: one byte each of one lock file, so a class needs one file handle.

    Two graders of the same student would delete each other's files.

    Returns:
        A function that unlocks them at once.

    Raises:
        ValueError: another process has locked one of them; then nothing is locked.
    """
    handle = _lock_file(root)
    places: list[tuple[int, int]] = []
    for lab, student in students:
        digest = hashlib.sha256(f"{lab}/{student}".encode("utf-8", "surrogateescape")).digest()
        place = 1 + int.from_bytes(digest[:5], "big")
        try:
            fcntl.lockf(handle, fcntl.LOCK_EX | fcntl.LOCK_NB, 1, place)
        except OSError as error:
            _release(places)
            raise ValueError(
                f"{student} is being graded in {lab} by another process; wait for it, or give each process its own students "
                "(nbgrader autograde --student)"
            ) from error
        places.append((handle, place))
        _held[handle, place] += 1
    return weakref.finalize(owner, _release, places)


def _unlock_when_done(converter: Autograde, unlock: Callable[[], object]) -> None:
    """Unlock after the batch: nbgrader has no hook for its end, and Formgrader's server keeps the converter for long."""
    convert = converter.convert_notebooks

    def convert_and_unlock() -> None:
        try:
            convert()
        finally:
            unlock()

    converter.convert_notebooks = convert_and_unlock


def _lock_file(root: Path) -> int:
    path = root / ".grading" / LOCK_FILE
    if path not in _open_locks:
        path.parent.mkdir(parents=True, exist_ok=True)
        _open_locks[path] = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
    return _open_locks[path]


def _release(places: list[tuple[int, int]]) -> None:
    for handle, place in places:
        _held[handle, place] -= 1
        if not _held[handle, place]:
            fcntl.lockf(handle, fcntl.LOCK_UN, 1, place)


@contextmanager
def _alone(root: Path) -> Iterator[None]:
    """Let one process at a time run the block: two processes would both create the tables of an empty gradebook."""
    handle = _lock_file(root)
    fcntl.lockf(handle, fcntl.LOCK_EX, 1, _REGISTER)
    try:
        yield
    finally:
        fcntl.lockf(handle, fcntl.LOCK_UN, 1, _REGISTER)


# Files under other names ---------------------------------------------------------------------------------------------

_NOTEBOOK = re.compile(r"(?i).*\.ipynb(\.\w+)?")


def init_notebooks(converter: Autograde) -> None:
    """Replaces Autograde.init_notebooks, which finds only *.ipynb: first link LAB.ipynb to files under other names.

    nbgrader has no hook before this step, and does not report a submission without *.ipynb to anybody.
    """
    coursedir = converter.coursedir
    pattern = coursedir.format_path(coursedir.submitted_directory, coursedir.student_id, coursedir.assignment_id)
    for folder in glob.glob(pattern):
        with contextlib.suppress(OSError):  # nbgrader itself reports a folder that cannot be read
            link_renamed(Path(folder))
    BaseConverter.init_notebooks(converter)


def link_renamed(folder: Path) -> None:
    """If LAB.ipynb is missing in the folder LAB, link it to the newest other notebook.

    A browser names a second download "LAB (1).ipynb", and nbgrader would give that submission a zero. Other programs save
    LAB.ipynb.txt or LAB.json. Names that end in .ipynb have priority.
    """
    wanted = folder / f"{folder.name}.ipynb"
    others = _notebooks(folder, {wanted.name})
    if wanted.is_symlink() and others:
        wanted.unlink()
    if wanted.exists() or wanted.is_symlink() or not others:
        return
    newest = max(others, key=lambda p: (p.suffix == ".ipynb", p.stat().st_mtime_ns, p.name))
    wanted.symlink_to(newest.name)


def _notebooks(folder: Path, but: Collection[str]) -> list[Path]:
    """The files of a submission whose names are those of notebooks, without the names in `but`."""
    named = re.compile(rf"(?i){re.escape(folder.name)}.*\.(json|txt)")
    found = [p for p in folder.iterdir() if p.name not in but and (_NOTEBOOK.fullmatch(p.name) or named.fullmatch(p.name))]
    return sorted(p for p in found if p.is_file() and not p.is_symlink())


def others(file: Path) -> list[str]:
    """The names of the notebooks of a submission besides the one that is read."""
    read = Path(os.readlink(file)) if file.is_symlink() else file
    return [p.name for p in _notebooks(file.parent, {file.name, read.name})]


def file_notes(file: Path, unread: Sequence[str]) -> list[str]:
    """What the feedback should say about the files that were handed in: which was read, which were not."""
    notes = [f"the file was called {as_code(Path(os.readlink(file)).name)}"] if file.is_symlink() else []
    return notes + ([f"other notebooks were not read: {', '.join(map(as_code, unread))}"] if unread else [])
