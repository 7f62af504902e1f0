"""The alert that the notebook has learners choose: `lab.alert()`, tried on healthy and broken runs."""

from __future__ import annotations

import math
from collections import Counter
from typing import TYPE_CHECKING

from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, REFERENCE
from labs.kit.model.record import Run
from labs.kit.notebook import alerts
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab03_database import readings
from labs.lab03_database.cost import SLOTS
from labs.lab03_database.scenarios import BEFORE_S

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner


def alert(learner: Learner, share: float | None = None, over_ms: float = 50, for_s: float = 2.0) -> None:
    """Try an alert rule: it fires when statements over `over_ms` have more than `share` of the database time that was spent
    in each second, for `for_s` seconds.

    The rule is run against healthy shops, one of them with a slow report now and then, and against broken ones.
    """
    if share is None:
        alerts.no_rule_yet()
        return
    if not all(is_number(value) for value in (share, over_ms, for_s)) or not 0 < share < 1 or over_ms <= 0 or for_s < 1:
        raise LearnerError(
            f"the rule is a share of {share!r} over {over_ms!r} ms for {for_s!r} s; expected a share between 0 and 1,"
            " milliseconds above 0, and at least 1 s"
        )
    lab = learner.lab
    sale, quiet = lab.scenario("sale"), lab.scenario("quiet")
    cases = {
        "healthy, in the sale": Case(Job(shipped(lab, REFERENCE), sale)),
        "healthy, one thing at a time": Case(Job(shipped(lab, REFERENCE), quiet)),
        "healthy, a slow report now and then (OFFSET kept)": Case(Job(shipped(lab, "wrong_offset_kept"), sale)),
        "broken, in the sale": Case(Job(shipped(lab, BROKEN), sale), broken_at_s=BEFORE_S),
        "broken, one thing at a time": Case(Job(shipped(lab, BROKEN), quiet), broken_at_s=0.0),
        "index on (created_at)": Case(Job(shipped(lab, "wrong_created_at_index"), sale), broken_at_s=BEFORE_S),
    }
    told = f"Page when statements over {over_ms:g} ms take over {share:.0%} of a second's places, for {for_s:g} s:"
    alerts.try_rule(
        learner, told, cases, lambda run: fires_at(run, share, over_ms / 1000, for_s), 4.0,
        beside=(f"highest share over {for_s:g} s", lambda run: f"{highest(run, over_ms / 1000, for_s):.0%}"),
    )  # fmt: skip


def shares(run: Run, over_s: float) -> list[float]:
    """The share of each second's database time that statements over `over_s` had.

    A statement counts in the second in which it ended; the database has two places, so a second holds two seconds of work.
    """
    busy: Counter[int] = Counter()
    for statement in readings.statements(run):
        if statement.took_s > over_s:
            busy[int(statement.time)] += round(1_000_000 * statement.took_s)
    return [busy[second] / 1_000_000 / SLOTS for second in range(int(run.info.load_s))]


def fires_at(run: Run, share: float, over_s: float, for_s: float) -> float | None:
    """The second at which the alert rule of `alert` fires, None if it never does."""
    return alerts.lasts((each > share for each in shares(run, over_s)), for_s)


def highest(run: Run, over_s: float, for_s: float) -> float:
    """The share that was reached or exceeded in each of `for_s` seconds on end: what a bound must be below to fire."""
    each, width = shares(run, over_s), math.ceil(for_s)
    return max((min(each[start : start + width]) for start in range(len(each) - width + 1)), default=0.0)
