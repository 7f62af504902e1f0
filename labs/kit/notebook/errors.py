"""Errors about bad input, which a notebook shows in one line."""

from __future__ import annotations

import inspect
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

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


def bound_to(function: Callable[..., Any], shown: str, skip: int, *args: Any, **kwargs: Any) -> inspect.BoundArguments:
    """The arguments of a call, by name; `shown` is how the learner writes it, `skip` how many first ones he does not see.

    Raises:
        LearnerError: the function does not take them; the message says what it takes.
    """
    try:
        return inspect.signature(function).bind(*args, **kwargs)
    except TypeError as error:
        raise LearnerError(f"{error}; it is called as {shown}({takes(function, skip)})") from None


def takes(function: Callable[..., Any], skip: int) -> str:
    """The arguments of a function as a learner may write them, after the first `skip`."""
    return ", ".join(
        f"*{p.name}" if p.kind is p.VAR_POSITIONAL else p.name if p.default is p.empty else f"{p.name}={p.default!r}"
        for p in list(inspect.signature(function).parameters.values())[skip:]
    )


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
