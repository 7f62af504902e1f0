"""The alert that the notebook has learners choose: `lab.alert()`, tried on healthy and broken runs."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING

from labs.kit import cards
from labs.kit.actions import LearnerError, is_number, validating
from labs.kit.batch import Job, run_all
from labs.kit.cards import Note
from labs.kit.lab import BROKEN, REFERENCE
from labs.kit.record import Run
from labs.lab03_database import readings
from labs.lab03_database.database import SLOTS

if TYPE_CHECKING:
    from labs.kit.learner import Learner


def alert(learner: Learner, share: float | None = None, over_ms: float = 50, for_s: float = 2.0) -> None:
    """Try an alert rule: it fires when statements over `over_ms` have more than `share` of the database time that was spent
    in each second, for `for_s` seconds.

    The rule is run against healthy shops, one of them with a slow report now and then, and against broken ones.
    """
    if share is None:
        cards.show(Note(("No rule yet: write a share from 0 to 1 in place of None, and run this cell again.",)))
        return
    if not all(is_number(value) for value in (share, over_ms, for_s)) or not 0 < share < 1 or over_ms <= 0 or for_s < 1:
        raise LearnerError(
            f"the rule is a share of {share!r} over {over_ms!r} ms for {for_s!r} s; expected a share between 0 and 1,"
            " milliseconds above 0, and at least 1 s"
        )
    if validating():
        return
    lab = learner.lab
    jobs = {
        "healthy, in the sale": (Job(lab.fix(REFERENCE), lab.scenario("sale")), False),
        "healthy, one thing at a time": (Job(lab.fix(REFERENCE), lab.scenario("quiet")), False),
        "healthy, a slow report now and then (OFFSET kept)": (
            Job(lab.fix("wrong_offset_kept"), lab.scenario("sale")),
            False,
        ),
        "broken, in the sale": (Job(lab.fix(BROKEN), lab.scenario("sale")), True),
        "broken, one thing at a time": (Job(lab.fix(BROKEN), lab.scenario("quiet")), True),
        "index on (created_at)": (Job(lab.fix("wrong_created_at_index"), lab.scenario("sale")), True),
    }
    with learner.waiting("alert", f"{len(jobs)} runs", 4.0 * len(jobs)) as bar:
        runs = run_all(lab, [job for job, _ in jobs.values()], bar.update)
    rows = [("run", "should it fire?", "it fires at", "")]
    for (name, (_, wanted)), run in zip(jobs.items(), runs, strict=True):
        at = fires_at(run, share, over_ms / 1000, for_s)
        good = "good" if (at is not None) == wanted else "missed" if wanted else "false alarm"
        rows.append((name, "yes" if wanted else "no", "never" if at is None else f"second {at:.0f}", good))
    head = f"Page when statements over {over_ms:g} ms take over {share:.0%} of a second's places, for {for_s:g} s:"
    cards.show(Note((head,), table=tuple(rows)))


def fires_at(run: Run, share: float, over_s: float, for_s: float) -> float | None:
    """The second at which the alert rule of `alert` fires, None if it never does.

    A statement counts in the second in which it ended; the database has two places, so a second holds two seconds of work.
    """
    busy: Counter[int] = Counter()
    for statement in readings.statements(run):
        if statement.took_s > over_s:
            busy[int(statement.time)] += round(1_000_000 * statement.took_s)
    since = None
    for second in range(int(run.info.load_s)):
        if busy[second] / 1_000_000 > share * SLOTS:
            since = second if since is None else since
            if second + 1 - since >= for_s:
                return second + 1.0
        else:
            since = None
    return None
