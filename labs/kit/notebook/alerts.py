"""Tries a learner's alert rule on the records of healthy and of broken systems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN
from labs.kit.model.record import Run
from labs.kit.notebook import notes
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.handle import Handle
from labs.kit.notebook.notes import Note
from labs.kit.worlds.parallel import Job


@dataclass(frozen=True)
class Case:
    """A system on which a rule is tried, and the second from which the rule should fire; None if it never should."""

    job: Job
    broken_at_s: float | None = None


def cases(learner: Handle, watched: Mapping[str, float | None]) -> dict[str, Case]:
    """The broken code in each of these scenarios, by its name, with the second from which a rule is to page."""
    return {name: Case(learner.job(BROKEN, name), since) for name, since in watched.items()}


def no_rule_yet() -> None:
    """Show the note of an alert cell whose rule is not written yet."""
    notes.show(Note(("No rule yet: write your own in place of None, and run this cell again.",)))


def chosen(signal: str | None, signals: Iterable[str]) -> TypeGuard[str]:
    """Has the learner chosen the signal of the rule? If not yet, a note says so. Raises LearnerError if there is no such."""
    if signal is None:
        no_rule_yet()
        return False
    if signal not in signals:
        raise LearnerError(f"no signal {signal!r}; choose one of {', '.join(map(repr, signals))}")
    return True


def written(
    value: float | None, for_s: float, expected: str, least_s: float = 1.0, least: float = -math.inf
) -> TypeGuard[float]:  # fmt: skip
    """Has the learner written the rule: a bound of at least `least`, and the time above it? If not, a note says so.

    Raises:
        LearnerError: one of the two is not a valid number; `expected` describes the bound, as "a number of milliseconds".
    """
    if value is None:
        no_rule_yet()
        return False
    if not is_number(value) or not is_number(for_s) or value < least or for_s < least_s:
        raise LearnerError(f"the rule is {value!r} for {for_s!r} s; expected {expected}, and at least {least_s:g} s")
    return True


def try_rule(
    learner: Handle,
    told: str,
    cases: Mapping[str, Case],
    fires_at: Callable[[Run], float | None],
    each_s: float,
    beside: tuple[str, Callable[[Run], str]] | None = None,
) -> dict[str, Run]:
    """Run each system once, seed 0, and show when the rule fires: after how long, too early, as a false alarm, or never.

    Args:
        told: the rule in a sentence.
        cases: the systems, by their names on the page.
        fires_at: returns the second of a run at which the rule first fires; None if it never does.
        each_s: the largest real time of one run in seconds, used until a run was measured here.
        beside: one more column: its head, and a function that returns its text for a run.

    Returns:
        The runs, by the same names; none under nbgrader's Validate, which has no time for runs.
    """
    if validating():
        return {}
    runs = learner.records("alert", {title: case.job for title, case in cases.items()}, each_s)
    more = [beside[0]] if beside else []
    rows = [("run", *more, "should it fire?", "it fires at", "")]
    for title, case in cases.items():
        at = fires_at(runs[title])
        more = [beside[1](runs[title])] if beside else []
        rows.append((title, *more, "no" if case.broken_at_s is None else "yes", fired(at), judged(at, case.broken_at_s)))
    notes.show(Note((told,), table=tuple(rows)))
    return runs


def fired(at: float | None, digits: int = 0) -> str:
    """The second at which a rule fired, in words."""
    return "never" if at is None else f"second {at:.{digits}f}"


def judged(at: float | None, broken_at_s: float | None) -> str:
    """The judgement on a rule that fired at `at` and should have fired from `broken_at_s` on, or never."""
    if broken_at_s is None:
        return "quiet, as it should be" if at is None else "false alarm"
    if at is None:
        return "missed"
    if at < broken_at_s:
        return "too early: nothing was broken yet"
    return f"{at - broken_at_s:.0f} s after it broke"
