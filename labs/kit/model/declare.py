"""How a lab declares its checks and the questions of its diagnosis.

@check("Normal load is unharmed", needs="calm", at_least=0.995, unit="share of orders confirmed", hint="...", keeps=0.0)
def calm(run: Run) -> Finding:
    ...

CHECKS = (recovers, calm)
QUESTIONS = (number("capacity", "charges that payments can finish in a second", 45, 53, why="..."),)
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import wraps
from typing import TYPE_CHECKING, Any

from labs.kit.model.lab import Check, Question
from labs.kit.model.verdict import Finding

if TYPE_CHECKING:
    from labs.kit.model.record import Run

_COUNTED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def check(
    title: str,
    *,
    needs: str | tuple[str, ...],
    unit: str,
    hint: str,
    at_least: float | None = None,
    at_most: float | None = None,
    points: float = 0.0,
    keeps: float = 0.0,
    narrow: float = 0.0,
    world: str = "simulated",
    simulated_only: str = "",
    hears: tuple[str, ...] = (),
    part: str = "",
) -> Callable[[Callable[..., Finding]], Check]:
    """Make the decorated function a check, with the function's name.

    Args:
        needs: the scenario whose run the function takes; or the names of several: then it takes their runs by these names.
        at_least, at_most: the goal; give one of them.
        points: the worth of the check. A check without points is a gate: if it fails, the others keep the share `keeps`.
        narrow, world, simulated_only, hears, part: see `Check`.

    Raises:
        TypeError: both goals were given, or neither.
    """
    if (at_least is None) is (at_most is None):
        raise TypeError(f"the check {title!r} has the goals at_least={at_least}, at_most={at_most}; give one of them")

    scenarios = (needs,) if isinstance(needs, str) else needs

    def declared(function: Callable[..., Finding]) -> Check:
        @wraps(function)
        def judge(runs: Mapping[str, Run]) -> Finding:
            return function(runs[needs] if isinstance(needs, str) else runs)

        return Check(
            name=function.__name__.rstrip("_"), title=title, judge=judge, needs=scenarios,
            goal=at_least if at_least is not None else at_most or 0, bound="at most" if at_least is None else "at least",
            unit=unit, hint=hint, points=points, gate=points == 0, keeps=keeps, narrow=narrow, world=world,
            simulated_only=simulated_only, hears=hears, part=part,
        )  # fmt: skip

    return declared


def answered_truly(runs: Mapping[str, Run]) -> Finding:
    """What a gate finds that lets no customer be answered 2xx with what `Lab.wrong` objects to."""
    found = [(name, r) for name, run in runs.items() for r in run.requests() if r.wrong]
    if not found:
        return Finding(True, 0, "true", "Every answer 200 to a customer was the one that belongs there.")
    name, first = found[0]
    told = f"{len(found)} answers 200 to customers were none: {first.request_id} in {name!r} got {first.wrong}."
    return Finding(False, len(found), "untrue", told)


def is_number(value: object) -> bool:
    """Is the value an int or a float? True and False are not numbers here."""
    return isinstance(value, int | float) and not isinstance(value, bool)


def is_whole(value: object) -> bool:
    """Is the value an int? True and False are not numbers here."""
    return isinstance(value, int) and not isinstance(value, bool)


def number(name: str, ask: str, low: float, high: float, *, why: str) -> Question:
    """A question whose answer is a number from `low` to `high`. One of `name`_ms that is below 1 was meant in seconds."""
    if name.endswith("_ms") and low >= 1:
        form = "a number of milliseconds, not of seconds"
        return Question(name, ask, lambda a: low <= a <= high, form, lambda a: is_number(a) and not 0 < a < 1, why)
    return Question(name, ask, lambda a: low <= a <= high, "a number", is_number, why)


def whole(name: str, ask: str, *right: int, why: str) -> Question:
    """A question whose answer is a whole number, such as a line of the repair cell; each of `right` counts."""
    return Question(name, ask, lambda a: a in right, "a whole number", is_whole, why)


def choice(name: str, ask: str, of: Sequence[str], right: str, *, why: str, form: str = "") -> Question:
    """A question whose answer is one of several texts; the question lists them.

    `form` says what a well-formed answer is, by default "one of the four texts".

    Raises:
        ValueError: `right` is not one of the texts.
    """
    if right not in of:
        raise ValueError(f"the question {name!r} has the right answer {right!r}; expected one of {', '.join(map(repr, of))}")
    listed = f"{ask}: {', '.join(map(repr, of))}"
    return Question(
        name, listed, lambda a: a == right, form or f"one of the {_COUNTED[len(of)]} texts", lambda a: a in of, why
    )


def evidence(
    name: str, ask: str, needs: str, shows: Callable[[Run, str], bool], *, why: str, form: str = "an id, a text"
) -> Question:
    """A question whose answer is the id of a row in the learner's own record: of a request, a trace, a job.

    `needs` is the scenario in which the broken code was run. `shows` takes that run and the id, and says whether the row
    shows what is asked for. An id that is not in the record is wrong.
    """
    return Question(
        name, ask, lambda a, runs: shows(runs[needs], a), form, lambda a: isinstance(a, str) and a != "", why, (needs,)
    )


def alert_rule(
    ask: str,
    rule: Mapping[str, Callable[[Any], bool]],
    cases: Mapping[str, float | None],
    fires_at: Callable[..., float | None],
    *,
    within_s: float,
    form: str,
    why: str,
) -> Question:
    """The question `alert`: a rule that pages in time, and never on a healthy day, on the learner's own records.

    Args:
        rule: the keys of the answer, a dict, each with a test of its value.
        cases: the scenarios in which the broken code is watched, with the second from which it is to page; None if never.
        fires_at: takes a run and the rule's keys as keywords; the second at which the rule fires, None if it never does.
        within_s: the seconds from what broke to the page, at most.
    """

    def well_formed(answer: Any) -> bool:
        return isinstance(answer, dict) and answer.keys() == rule.keys() and all(rule[key](answer[key]) for key in rule)

    def right(answer: Any, runs: Mapping[str, Run]) -> bool:
        return all(_pages(fires_at(runs[name], **answer), since, within_s) for name, since in cases.items())

    return Question("alert", ask, right, form, well_formed, why, tuple(cases))


def _pages(at: float | None, since: float | None, within_s: float) -> bool:
    """Is it right to page at `at` where something is broken from `since` on?"""
    if at is None or since is None:
        return at is since
    return since <= at <= since + within_s


def free(
    name: str, ask: str, form: str, well_formed: Callable[[Any], bool], right: Callable[[Any], bool], *, why: str
) -> Question:
    """A question of any form: `well_formed` says whether an answer has that form, `right` whether it is right."""
    return Question(name, ask, right, form, well_formed, why)
