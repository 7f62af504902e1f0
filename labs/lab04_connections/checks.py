"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, by the front, on the wire to the partner, by the system that counts a
worker's descriptors, and by the database server itself.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

from labs.kit.measure import stats
from labs.kit.model.lab import Check
from labs.kit.model.record import Request, Run
from labs.kit.model.verdict import Finding
from labs.lab04_connections.readings import (
    SETTLED_S,
    Books,
    answers,
    back_at,
    books,
    descriptor_growth,
    most_at_partner,
    peak_connections,
    refusals,
    share_served,
    statuses,
    stuck_transactions,
)
from labs.lab04_connections.scenarios import (
    AT_PARTNER,
    CALM_AT_S,
    LOAD_S,
    NO_WITHIN_S,
    OUTAGE_LOAD_S,
    PEAK_AT_S,
    PLACES,
    REPORT_AT_S,
)

SERVED_GOAL = 0.8
CALM_GOAL = 0.8
RECOVERED_GOAL = 0.7
RESTART_GOAL = 0.8
LATEST_ASKED_S = 0.9
"""Orders that come later than this before the end of the report may still be waiting when it ends."""
A_FEW = 8
LEFT_WAITING = PLACES + A_FEW
"""Orders that may be without an answer when the report ends: those that hold a connection, and a few more."""
MORE_DESCRIPTORS = 24
"""By how much a worker's descriptors may grow: a pool and a few idle sockets."""

BACK_FOR_S, LEAST_S = 0.6, 0.5
"""Orders are looked at so long after the database is back, and for so long at least."""

PEAK_WINDOW = (PEAK_AT_S + 1.0, REPORT_AT_S - 0.6)
REPORT_WINDOW = (REPORT_AT_S, CALM_AT_S - LATEST_ASKED_S)
CALM_WINDOW = (0.0, PEAK_AT_S)
LAST_WINDOW = (CALM_AT_S + SETTLED_S, LOAD_S)


def refused(runs: Mapping[str, Run]) -> Finding:
    """No connection is refused for want of room, also while the report makes everybody want one."""
    run = runs["peak"]
    count, most = refusals(run), peak_connections(run)
    if count is None:  # a server that is not ours does not tell: it has refused somebody once all places were taken
        full = most >= PLACES
        told = f"The workers had up to {most} of the {PLACES} connections at once"
        return Finding(not full, float(full), "refused" if full else "ok", f"{told}{': all of them.' if full else '.'}")
    if not count:
        return Finding(True, 0.0, "ok", f"The server had room for every connection, of {PLACES}.")
    return Finding(
        False, float(count), "refused",
        f"The server refused {count} connections: too many clients already. The workers held up to {most} of {PLACES}."
        " Add up what both may open at most.",
    )  # fmt: skip


def _served_in(name: str, window: tuple[float, float], goal: float, what: str, runs: Mapping[str, Run]) -> Finding:
    """A share of orders served."""
    return _share(runs[name], window, goal, what)


def restarted(runs: Mapping[str, Run]) -> Finding:
    """Once the database is back, orders are served; it may take its time on a busy machine."""
    run = runs["outages"]
    return _share(run, restart_window(run), RESTART_GOAL, "after the restart")


def restart_window(run: Run) -> tuple[float, float]:
    """The orders that a restart of the database is judged by: from a moment after it is back to the end of the load."""
    return min(back_at(run) + BACK_FOR_S, OUTAGE_LOAD_S - LEAST_S), OUTAGE_LOAD_S


def _share(run: Run, window: tuple[float, float], goal: float, what: str) -> Finding:
    share = share_served(run, *window)
    ended = statuses(run, *window)
    due = sum(ended.values())
    told = f"Of the {due} orders {what} (second {window[0]:.1f} to {window[1]:.1f}), {share * due:.0f} were served."
    told += f" They ended as {_listed(ended)}; 409 is right for an order that is sold out, 502 for one without a price."
    if share >= goal:
        return Finding(True, share, "ok", told)
    if sum(ended.get(word, 0) for word in ("500", "504", "timeout", "reset", "unfinished")) > ended.get("503", 0):
        return Finding(False, share, "errors", f"{told} Look at the errors that the workers logged.")
    return Finding(False, share, "turned_away", f"{told} Is there a connection for everybody who needs one?")


def _listed(ended: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {word}" for word, count in sorted(ended.items(), key=lambda pair: -pair[1])) or "nothing"


def told_no(runs: Mapping[str, Run]) -> Finding:
    """While nobody gives a connection back, who has none is told so, and is not left waiting."""
    run = runs["peak"]
    kept = books(run)
    due = [r for r in stats.user_requests(run, *REPORT_WINDOW) if r.request_id not in kept.priceless]
    said = [r for r in due if r.status in (200, 409, 503) and r.done is not None and r.done <= CALM_AT_S]
    # Errors come at once, so those of all the report are counted; who comes in its last second may be waiting by right.
    failed = [r for r in stats.user_requests(run, REPORT_AT_S, CALM_AT_S) if _failed_by(r, CALM_AT_S)]
    late = sum(r.intended >= REPORT_WINDOW[1] for r in failed)
    without = len(due) - len(said) + late
    first, last = REPORT_WINDOW
    if without <= LEFT_WAITING:
        return Finding(
            True,
            float(without),
            "ok",
            f"While the report ran, orders without a connection were told so, and soon. {without} of {len(due)} had no"
            f" answer by its end; {LEFT_WAITING} may: {PLACES} that hold a connection and wait for the lock, and {A_FEW}"
            " more.",
        )
    told = f"Of the {len(due)} orders of second {first:.1f} to {last:.1f}, {len(due) - len(said)} had no proper answer when"
    told += " the report ended"
    if len(failed) > without / 3:
        why = f"in all of the report {len(failed)} orders got an error instead of a 503."
        return Finding(False, float(without), "errors", f"{told}: {why}")
    return Finding(
        False, float(without), "left_waiting",
        f"{told}: they waited for a connection, {NO_WITHIN_S:g} s and much longer. Does waiting have an end?",
    )  # fmt: skip


def _failed_by(order: Request, end: float) -> bool:
    """Was it answered with an error that says nothing, until then? 502 says that the partner gave no price."""
    return order.status not in (0, 200, 409, 502, 503) and order.done is not None and order.done <= end


def transactions(runs: Mapping[str, Run]) -> Finding:
    """At the end nobody sits in a transaction in which nothing happens."""
    stuck = stuck_transactions(runs["peak"])
    if not stuck:
        return Finding(True, 0.0, "ok", "At the end no session was left in a transaction.")
    return Finding(
        False, float(stuck), "left_open",
        f"{stuck} sessions were still in a transaction 1 s after the last order. What becomes of it when an order fails?",
    )  # fmt: skip


def descriptors(runs: Mapping[str, Run]) -> Finding:
    """A worker holds no more files and sockets open after the load than before, pools aside."""
    grown = descriptor_growth(runs["peak"])
    if grown <= MORE_DESCRIPTORS:
        told = (
            f"After the load, a worker held {grown} descriptors more than at the start; up to {MORE_DESCRIPTORS} may stay."
        )
        return Finding(True, float(grown), "ok", told)
    return Finding(
        False, float(grown), "grow",
        f"A worker held {grown} descriptors more than at the start, with no order under way. Which are never closed?",
    )  # fmt: skip


def partner(runs: Mapping[str, Run]) -> Finding:
    """The partner's contract is kept, also while it answers nobody."""
    most = most_at_partner(runs["outages"])
    if most <= AT_PARTNER:
        return Finding(True, float(most), "ok", f"The partner never had more than {AT_PARTNER} requests of ours at once.")
    return Finding(
        False, float(most), "crowded",
        f"While it answered nobody, the partner had {most} requests of ours at once; the contract allows {AT_PARTNER}.",
    )  # fmt: skip


def right_answers(runs: Mapping[str, Run]) -> Finding:
    """What customers were told stands in the books of database and partner."""
    wrong: list[str] = []
    for run in runs.values():
        wrong += wrong_answers(run, books(run))
    if not wrong:
        return Finding(True, 0.0, "ok", "Every order that was confirmed is in the database, at the partner's price.")
    reason = "not_stored" if any("not in the database" in text for text in wrong) else "made_up"
    return Finding(False, float(len(wrong)), reason, f"{len(wrong)} wrong answers; for example, {wrong[0]}.")


def wrong_answers(run: Run, kept: Books) -> list[str]:
    """Each answer that contradicts the books, in words."""
    wrong = []
    for answer in answers(run):
        body, name = answer.body, answer.name
        said = (body.get("name"), body.get("number"), body.get("price"))
        if answer.status == 200 and said not in kept.rows:
            wrong.append(f"{name} was confirmed, and is not in the database")
        elif answer.status == 200 and (name != said[0] or (name, said[2]) not in kept.prices):
            wrong.append(f"{name} was confirmed for {said[0]} at a price that the partner did not give")
        elif answer.status == 409 and name not in kept.sold_out:
            wrong.append(f"{name} was told that it is sold out, and the database never said so")
    return wrong


def _graded(
    name: str, title: str, scenario: str, judge: Callable[[Mapping[str, Run]], Finding], goal: float, bound: str, unit: str,
    hint: str, points: float = 1.0,
) -> Check:  # fmt: skip
    return Check(name, title, (scenario,), judge, goal, bound, unit, hint, points=points, world="live")


SHARE = "share of orders"
CHECKS = (
    _graded(
        "refused", "The server has room for every connection", "peak", refused, 0, "at most", "connections refused",
        "Two workers share the server's 20 places. Bound what each of them may open.", points=2,
    ),
    _graded(
        "served", "The peak is served", "peak",
        partial(_served_in, "peak", PEAK_WINDOW, SERVED_GOAL, "of the peak"), SERVED_GOAL, "at least", SHARE,
        "Little's law: orders a second and worker x seconds that each holds a connection = connections in use on average.",
    ),
    _graded(
        "told_no", "Who gets no connection is told soon", "peak", told_no, LEFT_WAITING, "at most", "orders without a word",
        f"Waiting for a connection needs an end: {NO_WITHIN_S:g} s at most, then raise Busy.",
    ),
    _graded(
        "recovers", "It recovers when the load falls", "peak",
        partial(_served_in, "peak", LAST_WINDOW, RECOVERED_GOAL, "after the peak"), RECOVERED_GOAL, "at least", SHARE,
        "What a failed order keeps is missing afterwards. Follow the path of an order that is sold out.",
    ),
    _graded(
        "transactions", "No transaction is left open", "peak", transactions, 0, "at most", "sessions",
        "`async with connection.transaction():` ends the transaction on both paths.",
    ),
    _graded(
        "descriptors", "Descriptors come back", "peak", descriptors, MORE_DESCRIPTORS, "at most",
        "descriptors more than at the start",
        "Each ClientSession has a pool of sockets of its own. One for the whole worker, closed in stop(), is enough.",
    ),
    _graded(
        "partner", "The partner's contract holds", "outages", partner, AT_PARTNER, "at most", "requests at once",
        "TCPConnector(limit=...) bounds the sockets of a session. There are two workers.",
    ),
    _graded(
        "restart", "It survives a restart of the database", "outages",
        restarted, RESTART_GOAL, "at least", SHARE,
        "A restart ends every session. What the pool holds then is dead, and must be replaced and not handed out.",
    ),
    Check(
        "answers", "Answers stay right", ("peak", "outages"), right_answers, 0, "at most", "wrong answers",
        "An order is confirmed only after its transaction was committed.", gate=True, world="live",
    ),
    Check(
        "calm", "The calm before the peak is served", ("peak",),
        partial(_served_in, "peak", CALM_WINDOW, CALM_GOAL, "before the peak"), CALM_GOAL, "at least", SHARE,
        "Ten orders a second are little; each of them needs a connection for a fifth of a second.", gate=True, world="live",
    ),
)  # fmt: skip
