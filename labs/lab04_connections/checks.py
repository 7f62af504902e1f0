"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, by the front, on the wire to the partner, by the system that counts a
worker's descriptors, and by the database server itself.
"""

from __future__ import annotations

from collections.abc import Mapping

from labs.kit import Finding, Run, check, record, stats
from labs.lab04_connections import readings
from labs.lab04_connections.scenarios import AT_PARTNER, CALM_AT_S, NO_WITHIN_S, PLACES, REPORT_AT_S

SERVED_GOAL = 0.8
CALM_GOAL = 0.8
RECOVERED_GOAL = 0.7
RESTART_GOAL = 0.8
A_FEW = 8
LEFT_WAITING = PLACES + A_FEW
"""Orders that may be without an answer when the report ends: those that hold a connection, and a few more."""
MORE_DESCRIPTORS = 24
"""By how much a worker's descriptors may grow: a pool and a few idle sockets."""
MOST_HELD = 6
"""Sessions that may be seen at once while no order has a price: right repairs had none to 2, repairs that ask the partner in
a transaction 16 to 18; the broken code, which loses 3 to 7 to orders that are sold out meanwhile, none."""
LEFT_GOAL = 0.7
SHARE = "share of orders"


@check(
    "The server has room for every connection",
    needs="peak", at_most=0, unit="connections refused", points=2, world="live",
    hint="Two workers share the server's 20 places. Bound what each of them may open.",
)  # fmt: skip
def refused(run: Run) -> Finding:
    """No connection is refused for want of room, also while the report makes everybody want one."""
    count, most = readings.refusals(run), readings.peak_connections(run)
    if count is None:  # a server that is not ours does not tell: it has refused somebody once all places were taken
        full = most >= PLACES
        told = f"The workers had up to {most} of the {PLACES} connections at once"
        return Finding(not full, float(full), "refused" if full else "ok", f"{told}{': all of them.' if full else '.'}")
    if not count:
        return Finding(True, 0.0, "ok", f"The server had room for every connection, of {PLACES}.")
    told = f"The server refused {count} connections: too many clients already. The workers held up to {most} of {PLACES}."
    return Finding(False, float(count), "refused", f"{told} Add up what both may open at most.")


@check(
    "The peak is served",
    needs="peak", at_least=SERVED_GOAL, unit=SHARE, points=1.0, world="live",
    hint="Little's law: orders a second and worker x seconds that each holds a connection = connections in use on average.",
)  # fmt: skip
def served(run: Run) -> Finding:
    """The rush is served, once it has gone on for a second."""
    return _share(run, readings.PEAK_WINDOW, SERVED_GOAL, "of the peak")


@check(
    "It recovers when the load falls",
    needs="peak", at_least=RECOVERED_GOAL, unit=SHARE, points=1.0, world="live",
    hint="What a failed order keeps is missing afterwards. Follow the path of an order that is sold out.",
)  # fmt: skip
def recovers(run: Run) -> Finding:
    """After the peak, orders are served again."""
    return _share(run, readings.LAST_WINDOW, RECOVERED_GOAL, "after the peak")


@check(
    "It survives a restart of the database",
    needs="outages", at_least=RESTART_GOAL, unit=SHARE, points=1.0, world="live",
    hint="A restart ends every session. What the pool holds then is dead, and must be replaced and not handed out.",
)  # fmt: skip
def restart(run: Run) -> Finding:
    """Once the database is back, orders are served; it may take its time on a busy machine."""
    return _share(run, readings.restart_window(run), RESTART_GOAL, "after the restart")


@check(
    "The calm before the peak is served",
    needs="peak", at_least=CALM_GOAL, unit=SHARE, keeps=0.0, world="live",
    hint="Ten orders a second are little; each of them needs a connection for a fifth of a second.",
)  # fmt: skip
def calm(run: Run) -> Finding:
    """A load that the broken code serves is served."""
    return _share(run, readings.CALM_WINDOW, CALM_GOAL, "before the peak")


def _share(run: Run, window: readings.Window, goal: float, what: str) -> Finding:
    share = readings.share_served(run, window)
    ended = readings.statuses(run, window)
    due = sum(ended.values())
    told = f"Of the {due} orders {what} (second {window[0]:.1f} to {window[1]:.1f}), {share * due:.0f} were served."
    told += f" They ended as {_listed(ended)}; 409 is right for an order that is sold out, 502 for one without a price."
    if share >= goal:
        return Finding(True, share, "ok", told)
    if sum(ended[word] for word in ("500", "504", "timeout", "reset", "unfinished")) > ended["503"]:
        return Finding(False, share, "errors", f"{told} Look at the errors that the workers logged.")
    return Finding(False, share, "turned_away", f"{told} Is there a connection for everybody who needs one?")


def _listed(ended: Mapping[str, int]) -> str:
    return ", ".join(f"{count} x {word}" for word, count in sorted(ended.items(), key=lambda pair: -pair[1])) or "nothing"


@check(
    "Who gets no connection is told soon",
    needs="peak", at_most=LEFT_WAITING, unit="orders without a word", points=1.0, world="live",
    hint=f"Waiting for a connection needs an end: {NO_WITHIN_S:g} s at most, then raise Busy.",
)  # fmt: skip
def told_no(run: Run) -> Finding:
    """While nobody gives a connection back, who has none is told so, and is not left waiting."""
    kept = readings.books(run)
    due = [r for r in stats.user_requests(run, *readings.REPORT_WINDOW) if r.request_id not in kept.priceless]
    # Errors come at once, so those of all the report are counted; who comes in its last second may be waiting by right.
    failed = [r for r in stats.user_requests(run, REPORT_AT_S, CALM_AT_S) if _failed_by(r, CALM_AT_S)]
    # A statement that a timeout of the worker ended had a connection: its order was told, soon, whatever it was told.
    ended = [r for r in failed if readings.ended_by_client(r)][: readings.statements_canceled(run)]
    failed = [r for r in failed if r not in ended]
    said = [r for r in due if r in ended or (r.status in (200, 409, 503) and r.done is not None and r.done <= CALM_AT_S)]
    late = sum(r.intended >= readings.REPORT_WINDOW[1] for r in failed)
    without = len(due) - len(said) + late
    first, last = readings.REPORT_WINDOW
    if without <= LEFT_WAITING:
        told = f"While the report ran, orders without a connection were told so, and soon. {without} of {len(due)} had no"
        told += f" answer by its end; {LEFT_WAITING} may: {PLACES} that hold a connection and wait for the lock, and {A_FEW}"
        return Finding(True, float(without), "ok", f"{told} more.")
    told = f"Of the {len(due)} orders of second {first:.1f} to {last:.1f}, {len(due) - len(said)} had no proper answer when"
    told += " the report ended"
    if len(failed) > without / 3:
        why = f"in all of the report {len(failed)} orders got an error instead of a 503."
        return Finding(False, float(without), "errors", f"{told}: {why}")
    why = f"they waited for a connection, {NO_WITHIN_S:g} s and much longer. Does waiting have an end?"
    return Finding(False, float(without), "left_waiting", f"{told}: {why}")


def _failed_by(order: record.Request, end: float) -> bool:
    """Was it answered with an error that says nothing, until then? 502 says that the partner gave no price."""
    return order.status not in (0, 200, 409, 502, 503) and order.done is not None and order.done <= end


@check(
    "No transaction is left open",
    needs="peak", at_most=0, unit="sessions", points=1.0, world="live",
    hint="`async with connection.transaction():` ends the transaction on both paths.",
)  # fmt: skip
def transactions(run: Run) -> Finding:
    """At the end nobody sits in a transaction in which nothing happens."""
    stuck = readings.stuck_transactions(run)
    if not stuck:
        return Finding(True, 0.0, "ok", "At the end no session was left in a transaction.")
    told = f"{stuck} sessions were still in a transaction 1 s after the last order. What becomes of it when an order fails?"
    return Finding(False, float(stuck), "left_open", told)


@check(
    "Descriptors come back",
    needs="peak", at_most=MORE_DESCRIPTORS, unit="descriptors more than at the start", points=1.0, world="live",
    hint="Each ClientSession has a pool of sockets of its own. One for the whole worker, closed in stop(), is enough.",
)  # fmt: skip
def descriptors(run: Run) -> Finding:
    """A worker holds no more files and sockets open after the load than before, pools aside."""
    grown = readings.descriptor_growth(run)
    if grown <= MORE_DESCRIPTORS:
        told = f"After the load, a worker held {grown} descriptors more than at the start"
        return Finding(True, float(grown), "ok", f"{told}; up to {MORE_DESCRIPTORS} may stay.")
    told = f"A worker held {grown} descriptors more than at the start, with no order under way. Which are never closed?"
    return Finding(False, float(grown), "grow", told)


@check(
    "The partner's contract holds",
    needs="outages", at_most=AT_PARTNER, unit="requests at once", points=1.0, world="live",
    hint="TCPConnector(limit=...) bounds the sockets of a session. There are two workers.",
)  # fmt: skip
def partner(run: Run) -> Finding:
    """The partner's contract is kept, also while it answers nobody."""
    most = readings.most_at_partner(run)
    if most <= AT_PARTNER:
        return Finding(True, float(most), "ok", f"The partner never had more than {AT_PARTNER} requests of ours at once.")
    told = f"While it answered nobody, the partner had {most} requests of ours at once; the contract allows {AT_PARTNER}."
    return Finding(False, float(most), "crowded", told)


@check(
    "Answers stay right",
    needs=("peak", "outages"), at_most=0, unit="wrong answers", keeps=0.0, world="live",
    hint="An order is confirmed only after its transaction was committed.",
)  # fmt: skip
def answers(runs: Mapping[str, Run]) -> Finding:
    """What customers were told stands in the books of database and partner."""
    wrong = [text for run in runs.values() for text in readings.wrong_answers(run, readings.books(run))]
    if not wrong:
        return Finding(True, 0.0, "ok", "Every order that was confirmed is in the database, at the partner's price.")
    reason = "not_stored" if any("not in the database" in text for text in wrong) else "made_up"
    return Finding(False, float(len(wrong)), reason, f"{len(wrong)} wrong answers; for example, {wrong[0]}.")


@check(
    "An order is stored whole, or not at all",
    needs=("peak", "outages"), at_most=0, unit="orders stored by half", keeps=0.5, world="live",
    hint="Whatever comes between the two statements, a customer who leaves among them: a transaction undoes the first.",
)  # fmt: skip
def whole(runs: Mapping[str, Run]) -> Finding:
    """No number is given out without a price, whoever leaves in between."""
    found = [name for run in runs.values() for name in readings.halves(run)]
    if not found:
        return Finding(True, 0.0, "ok", "Every order in the database has a number and a price.")
    told = f"{len(found)} orders have a number and no price, for example {found[0]}. What if the second never comes?"
    return Finding(False, float(len(found)), "half", told)


@check(
    "No connection is held while the partner is asked",
    needs="outages", at_most=MOST_HELD, unit="sessions", keeps=0.5, world="live",
    hint="First the price, then the connection: whoever waits for the partner needs none, and others do.",
)  # fmt: skip
def held(run: Run) -> Finding:
    """While the partner answers nobody, no order has a price, and so none needs a connection."""
    most = readings.held_for_partner(run)
    told = f"While the partner answered nobody, up to {most} connections were held by orders that waited for their price"
    if most <= MOST_HELD:
        return Finding(True, float(most), "ok", f"{told}; {MOST_HELD} may be.")
    return Finding(False, float(most), "held", f"{told}.")


@check(
    "A customer who leaves takes no connection with him",
    needs="outages", at_least=LEFT_GOAL, unit=SHARE, keeps=0.5, world="live",
    hint="An order whose customer leaves is cancelled: CancelledError, at the await where it stands, and it is no Exception."
    " `finally` and `async with` give back in that case, too.",
)  # fmt: skip
def left(run: Run) -> Finding:
    """Once customers no longer leave, orders are served as before; if they were not served before, that is `restart`'s."""
    before = readings.share_served(run, readings.restart_window(run))
    if before < RESTART_GOAL:
        return Finding(True, before, "judged_elsewhere", "Orders were not served even before; another check judges that.")
    return _share(run, readings.LEFT_WINDOW, LEFT_GOAL, "after customers had left")


CHECKS = (refused, served, told_no, recovers, transactions, descriptors, partner, restart, answers, whole, held, left, calm)
