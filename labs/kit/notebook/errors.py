"""Errors about bad input, which a notebook shows in one line."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager

from labs.kit.model.lab import UnknownName
from labs.kit.model.repairs import RepairError
from labs.kit.notebook.workspace import NoSuchVersion, WorkFolderError


class LearnerError(RuntimeError):
    """A request is not possible; the message says what is. Notebooks show it as one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


class NoSuchAction(AttributeError):
    """The lab has no action of that name; the message lists its actions. Notebooks show it as one line."""

    def _render_traceback_(self) -> list[str]:
        return [f"{type(self).__name__}: {self}"]


def validating() -> bool:
    """Does nbgrader's Validate execute the notebook? It has no time for runs."""
    return os.environ.get("NBGRADER_EXECUTION") == "validate"


@contextmanager
def one_line_interrupt() -> Iterator[None]:
    """Pass an interrupt on, so that Run All stops, but let the notebook show one line instead of a traceback."""
    try:
        yield
    except KeyboardInterrupt as stopped:
        told = ["Interrupted. Nothing is left over: run the cell again when you like."]
        stopped._render_traceback_ = lambda: told  # type: ignore[attr-defined]  # IPython looks for it on any exception
        raise


@contextmanager
def one_line_errors() -> Iterator[None]:
    """Turn the kit's errors about bad input into LearnerError, which a notebook shows without a traceback."""
    try:
        yield
    except (UnknownName, RepairError, NoSuchVersion, WorkFolderError) as error:
        raise LearnerError(str(error)) from None
