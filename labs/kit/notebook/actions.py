"""A lab's own actions, in addition to the kit's: the functions in its `actions.py` marked `@action`."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from functools import partial, wraps
from typing import Any

from labs.kit.charts.chart import Chart
from labs.kit.model.lab import Lab
from labs.kit.notebook import notes, policies, results
from labs.kit.notebook.errors import LearnerError, bound_to, one_line_errors, validating
from labs.kit.notebook.notes import Note

_COUNTED = {1: "one", 2: "one or two", 3: "one to three"}


def action(
    function: Callable[..., Any] | None = None, *, makes_runs: bool = False, most_runs: int | None = None
) -> Callable[..., Any]:
    """Let a learner call the decorated function as `lab.NAME(...)`. Its first argument is the learner's handle.

    The function returns a note or a chart, or yields several, and they are shown; other values are the action's result. Its
    arguments `run` and `*runs` are runs that took place: if there is none, a note says so, and the function is not called.

    Args:
        makes_runs: nbgrader's Validate skips the action, because it has no time for runs.
        most_runs: the largest number of runs that fit into the action's figure.

    Raises:
        LearnerError: more runs were given (when the action is called).
    """
    if function is None:
        return partial(action, makes_runs=makes_runs, most_runs=most_runs)
    signature = inspect.signature(function)

    @wraps(function)
    def called(*args: Any, **kwargs: Any) -> Any:
        given = signature.bind(*args, **kwargs)
        if makes_runs and validating():
            return None
        for name in {"run", "runs"} & set(signature.parameters):
            runs = given.arguments.get(name, ())
            chosen = results.took_place(*(runs if name == "runs" else (runs,)))
            if not chosen:
                return None
            if most_runs is not None and len(chosen) > most_runs:
                raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give {_COUNTED[most_runs]}")
            given.arguments[name] = tuple(chosen) if name == "runs" else chosen[0]
        return _shown(function(*given.args, **given.kwargs))

    called.is_action = True  # type: ignore[attr-defined]  # `of` finds actions by this mark
    return called


def _shown(result: Any) -> Any:
    """Show a note or a chart, or all that are yielded; return any other result."""
    if isinstance(result, Iterator):
        while True:
            try:
                _shown(next(result))
            except StopIteration as ended:
                return _shown(ended.value)
    if isinstance(result, Chart):
        results.draw(result)
    elif isinstance(result, Note):
        notes.show(result)
    else:
        return result
    return None


@action(makes_runs=True)
def _policies(learner: Any) -> Note:
    """Run what most people try first, and your repair, and see which checks each one passes; one seed."""
    return policies.table(learner)


def of(lab: Lab) -> dict[str, Callable[..., Any]]:
    """The lab's own actions by name, and `policies` if the lab declares policies."""
    found = {"policies": _policies} if lab.policies is not None else {}
    if (module := lab.module("actions")) is not None:
        found |= dict(inspect.getmembers(module, lambda value: hasattr(value, "is_action")))
    return found


def bound(function: Callable[..., Any], learner: object) -> Callable[..., Any]:
    """`function` with its first argument bound, and its errors shown in one line."""

    @wraps(function)
    def action(*args: Any, **kwargs: Any) -> Any:
        bound_to(function, f"lab.{function.__name__.lstrip('_')}", 1, learner, *args, **kwargs)
        with one_line_errors():
            return function(learner, *args, **kwargs)

    return action
