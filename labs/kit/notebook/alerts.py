"""An alert rule that a learner writes, tried on the records of healthy and of broken systems."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import TypeGuard

from labs.kit.model.declare import is_number
from labs.kit.model.record import Run
from labs.kit.notebook import notes
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.handle import Handle
from labs.kit.notebook.notes import Note
from labs.kit.worlds.parallel import Job


@dataclass(frozen=True)
class Case:
    """A system on which a rule is tried, and the second from which on it should fire: None if it never should."""

    job: Job
    broken_at_s: float | None = None


def no_rule_yet() -> None:
    """What an alert cell says before a learner has written the rule."""
    notes.show(Note(("No rule yet: write your own in place of None, and run this cell again.",)))


def written(
    value: float | None, for_s: float, expected: str, least_s: float = 1.0, least: float = -math.inf
) -> TypeGuard[float]:  # fmt: skip
    """Has the learner written the rule, a bound of at least `least` and how long it must be passed? If not, that is said.

    Raises:
        LearnerError: one of the two is no such number; `expected` says what the bound is, as in "a number of milliseconds".
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
    """Run each system once, seed 0, and show when the rule fires: how soon, or whether it is missed or a false alarm.

    Args:
        told: the rule in a sentence.
        cases: the systems, by what they are called on the page.
        fires_at: the second of a run at which the rule first fires; None if it never does.
        each_s: real seconds that one run takes at most, before any was measured here.
        beside: one more column, its head and what it says of a run: what the rule had to tell apart.

    Returns:
        The runs, by the same names; none where nbgrader's Validate has no time for them.
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
    """What to think of a rule that fired at `at`, where it should have from `broken_at_s` on, or never."""
    if broken_at_s is None:
        return "quiet, as it should be" if at is None else "false alarm"
    if at is None:
        return "missed"
    if at < broken_at_s:
        return "too early: nothing was broken yet"
    return f"{at - broken_at_s:.0f} s after it broke"


def lasts(seconds: Iterable[bool], for_s: float) -> float | None:
    """When a condition has held for `for_s` seconds without a break: the end of that second. None if it never does.

    Args:
        seconds: does the condition hold, for each second from 0 on?
    """
    since = None
    for second, holds in enumerate(seconds):
        if not holds:
            since = None
            continue
        since = second if since is None else since
        if second + 1 - since >= for_s:
            return second + 1.0
    return None
