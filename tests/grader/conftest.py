"""A whole course in a temporary folder: the tiny lab, the kit and the grader as they are, and nbgrader's folders."""

from __future__ import annotations

import importlib
import json
import os
import shutil
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from nbformat import NotebookNode
from nbgrader.api import Gradebook
from nbgrader.converters import Autograde
from nbgrader.coursedir import CourseDirectory
from traitlets.config import Config
from traitlets.config.loader import PyFileConfigLoader

import labs
from grader import preprocessors
from grader.judge import JudgeFailed
from labs.kit.judging.evaluate import attempted, evaluate, not_attempted
from labs.kit.model.lab import Fix, Lab
from labs.kit.model.verdict import Verdict
from labs.kit.worlds import run

NAME = "lab97_tiny"
HERE = Path(__file__).resolve().parent
REPOSITORY = HERE.parent.parent
RIGHT = (HERE / "tiny" / "fixes" / "right_bound.py").read_text()
BROKEN = (HERE / "tiny" / "broken.py").read_text()
STARVED = (HERE / "tiny" / "fixes" / "wrong_starved.py").read_text()
ANSWER = '%%diagnosis\n{"line": 6, "cause": "no bound"}'


def make_root(root: Path) -> Path:
    """A repository whose only lab is the tiny one."""
    (root / "labs").mkdir(parents=True)
    shutil.copy(REPOSITORY / "labs" / "__init__.py", root / "labs")
    (root / "labs" / "kit").symlink_to(REPOSITORY / "labs" / "kit")
    (root / "grader").symlink_to(REPOSITORY / "grader")
    shutil.copy(REPOSITORY / "nbgrader_config.py", root)
    shutil.copytree(HERE / "tiny", root / "labs" / NAME, ignore=shutil.ignore_patterns("__pycache__"))
    (root / "labs" / NAME / "chapter.txt").rename(root / "labs" / NAME / "notebook.py")
    return root


@contextmanager
def at_home(root: Path) -> Iterator[Lab]:
    """Make `labs` find the labs of another repository, and forget them afterwards."""
    before = labs.ROOT, labs.FOLDER, list(labs.__path__), dict(run.WORLDS), dict(os.environ)
    labs.ROOT, labs.FOLDER = root, root / "labs"
    labs.__path__.append(str(root / "labs"))
    os.environ["BREAKFIX_CACHE"] = str(root / ".grading" / "cache")
    importlib.invalidate_caches()
    try:
        yield labs.load(NAME)
    finally:
        labs.ROOT, labs.FOLDER, labs.__path__[:] = before[:3]
        run.WORLDS.clear()
        run.WORLDS.update(before[3])
        os.environ.clear()
        os.environ.update(before[4])
        sys.modules.pop(f"labs.{NAME}", None)
        labs.__dict__.pop(NAME, None)


@dataclass(frozen=True)
class Course:
    """A course with its release in place; submissions go in, scores come out."""

    root: Path
    release: NotebookNode

    def submit(self, student: str, submission: Any, file: str = f"{NAME}.ipynb", **others: str) -> Path:
        """Hand in a notebook (as a dict) or any text."""
        folder = self.root / "submitted" / student / NAME
        folder.mkdir(parents=True, exist_ok=True)
        text = submission if isinstance(submission, str) else json.dumps(submission)
        (folder / file).write_text(text, encoding="utf-8", errors="surrogatepass")
        for name, content in others.items():
            (folder / name.replace("__", ".")).write_text(content)
        return folder / file

    def config(self) -> Config:
        """The configuration as nbgrader reads it from the course's folder."""
        return PyFileConfigLoader("nbgrader_config.py", path=str(self.root)).load_config()

    def directory(self, **settings: str) -> CourseDirectory:
        """nbgrader's idea of where everything is."""
        config = self.config()
        config.CourseDirectory.assignment_id = NAME
        config.CourseDirectory.merge(settings)
        return CourseDirectory(config=config)

    def autograde(self, student: str = "*", **settings: Any) -> None:
        """`nbgrader autograde`, in this process. Raises NbGraderException if any submission failed."""
        config = self.config()
        config.Autograde.merge(settings)
        Autograde(coursedir=self.directory(student_id=student), config=config).start()

    def gradebook(self) -> Gradebook:
        """The gradebook, open."""
        directory = self.directory()
        return Gradebook(directory.db_url, directory.course_id)

    def scores(self) -> dict[str, dict[str, float | None]]:
        """Automatic scores by student and cell."""
        with self.gradebook() as book:
            submissions = book.assignment_submissions(NAME)
            return {
                s.student.id: {g.name: g.auto_score for n in s.notebooks for g in n.grades if g.cell.cell_type == "code"}
                for s in submissions
            }

    def graded(self, student: str) -> NotebookNode:
        """A graded notebook, as a dict."""
        return json.loads((self.root / "autograded" / student / NAME / f"{NAME}.ipynb").read_text())


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course whose release is in place, with an empty gradebook.

    Its solution has not been executed, which takes a kernel. A gradebook starts `alembic`, which takes seconds.
    """
    from grader.build import source, written
    from grader.preprocessors import release

    root = make_root(tmp_path_factory.mktemp("template") / "course")
    with at_home(root) as lab:
        solution = source(lab)
        for tree, nb in (("solutions", solution), ("notebooks", release(solution))):
            (root / tree / NAME).mkdir(parents=True)
            (root / tree / NAME / f"{NAME}.ipynb").write_text(written(nb))
        Gradebook(f"sqlite:///{root / 'gradebook.db'}", "breakfix").close()
    return root


@pytest.fixture(scope="session")
def built(template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A course built as `breakfix build` does it, its solution executed. Not to be changed."""
    from grader.build import build_labs

    root = make_root(tmp_path_factory.mktemp("built") / "course")
    with at_home(root):
        build_labs([], check=False)
    return root


def judge_without_process(
    lab_name: str, source: str, *, seeds: Sequence[int], secret: str = "", unsafe_local: bool = False
) -> list[Verdict]:
    """Stands for grader.judge.judge: a process of its own takes most of a second, and the tiny world executes nothing."""
    lab = labs.load(lab_name)
    if "# end the judge" in source:
        raise JudgeFailed("the judge reached no verdict")
    if not attempted(lab, source):
        return not_attempted(lab)
    return evaluate(lab, Fix("x", source), seeds, private=secret, jobs=1)


@pytest.fixture
def judge_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """Judge in this process."""
    monkeypatch.setattr(preprocessors, "judge", judge_without_process)


@pytest.fixture
def course(template: Path, tmp_path: Path) -> Iterator[Course]:
    """A fresh copy of the course, at home."""
    root = tmp_path / "course"
    shutil.copytree(template, root, symlinks=True)
    with at_home(root):
        yield Course(root, json.loads((root / "notebooks" / NAME / f"{NAME}.ipynb").read_text()))
