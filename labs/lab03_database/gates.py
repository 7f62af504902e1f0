"""The gates: what broken code keeps, and a repair must not break. Each reads runs and nothing else."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from labs.kit.model.record import Run
from labs.kit.model.verdict import Finding
from labs.lab03_database.readings import ARCHIVE, IMPORT, LOAD, PAGE, PARTNER, Answer, answers, part, work_of
from labs.lab03_database.truth import WRONG

ANSWERED_GOAL = 0.8
WRITE_GOAL = 4.5
FEWEST = 4
"""Answers that the partner must have been given for what rests on them to say anything."""


def nothing(measured: float, what: str) -> Finding:
    """The finding of a check for which a run holds nothing to look at; `measured` is worse than its goal."""
    return Finding(False, measured, "nothing_to_see", f"The scenario 'quiet' saw no {what}, so nothing can be told of them.")


def orders_in_file(run: Run) -> int:
    """Orders in a file that the partner sent; 0 if it sent none."""
    return next((answer.orders for answer in answers(run) if answer.subject == "import"), 0)


def partner_got(run: Run, subject: str) -> int:
    """How many of the partner's questions of one kind were answered 200."""
    links = {"page": PAGE, "archive": ARCHIVE, "import": IMPORT}
    return sum(r.ok and r.endpoint == links[subject] for r in run.requests(PARTNER)) if PARTNER in run.links() else 0


def answered(runs: Mapping[str, Run]) -> Finding:
    """With one thing at a time, the shop answers."""
    run = runs["quiet"]
    seen = [r for link in (LOAD, PARTNER) for r in run.requests(link) if r.endpoint == PAGE]
    share = sum(r.ok for r in seen) / len(seen) if seen else 0.0
    told = f"{share:.1%} of {len(seen)} pages were answered in the scenario 'quiet'"
    if share >= ANSWERED_GOAL:
        return Finding(True, share, "answered", f"{told}.")
    late = sum(r.status == 504 for r in seen)
    if 2 * late > sum(not r.ok for r in seen):
        return Finding(
            False, share, "database_timeouts", f"{told}; {late} ended with 504, though nothing else was going on."
        )
    return Finding(False, share, "requests_fail", f"{told}; a run of lab.run() names the line that raised.")


def _judge(runs: Mapping[str, Run], subjects: Sequence[str], kinds: Sequence[str], told: str) -> Finding:
    """No answer of these subjects may have one of these faults."""
    given = [a for run in runs.values() for a in answers(run) if a.subject in subjects and a.status == 200]
    if len(given) < FEWEST:
        few = f"The partner was given {len(given)} answers to look at; {FEWEST} are needed to tell."
        return Finding(False, FEWEST - len(given), "nothing_to_see", few)
    bad: list[Answer] = [a for a in given if a.wrong in kinds]
    if not bad:
        return Finding(True, 0, "right", told)
    first = next(kind for kind in WRONG if any(a.wrong == kind for a in bad))
    example = next(a.told for a in bad if a.wrong == first)
    return Finding(False, len(bad), first, f"{len(bad)} of {len(given)} answers were wrong: {WRONG[first]}. {example}.")


def right_answers(runs: Mapping[str, Run]) -> Finding:
    """Pages and archive show the right orders, in the right sequence, whole."""
    kinds = [kind for kind in WRONG if kind != "stale"]
    return _judge(runs, ("page", "archive"), kinds, "Every page that the partner was given was right.")


def fresh(runs: Mapping[str, Run]) -> Finding:
    """What the warehouse changed is shown at once."""
    return _judge(runs, ("page",), ("stale",), "Every change by the warehouse was on the next page that was asked for.")


def imported(runs: Mapping[str, Run]) -> Finding:
    """An import that was answered is stored."""
    found = _judge(
        runs, ("import",), list(WRONG), "Orders were on their customer's page as soon as their import was answered."
    )
    if found.passed or found.reason == "nothing_to_see":
        return found
    # What is wrong with other pages, too, is not the import's fault.
    elsewhere = _judge(runs, ("page",), list(WRONG), "")
    if elsewhere.reason == found.reason:
        return Finding(True, 0, "not_the_import", "The pages after an import are wrong, but no more so than other pages.")
    return Finding(False, found.measured, "not_there", f"The page of a customer, right after an import: {found.message}")


def write_cost(runs: Mapping[str, Run]) -> Finding:
    """Imports do not pay for indexes that nobody needs."""
    run = runs["quiet"]
    stored = sum(r.ok and r.endpoint == IMPORT for r in run.requests(PARTNER)) * orders_in_file(run)
    if not stored:
        return nothing(WRITE_GOAL + 1, "answered import")
    wrote = work_of(s for s in part(run, IMPORT) if s.commits)
    count = wrote.misses / stored
    told = f"To store one order, the database fetched {count:.1f} pages"
    if count <= WRITE_GOAL:
        return Finding(True, count, "few_indexes", f"{told}.")
    return Finding(False, count, "too_many_indexes", f"{told}: each index has a page of its own for each row.")
