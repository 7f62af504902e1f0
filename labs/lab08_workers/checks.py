"""What is graded: one function a point. Each reads runs and nothing else.

All is measured outside of the repair: by the load, on the wire to the partner, in what partner and auditor logged, and in
the memory of the shop's process.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from labs.kit import Finding, Run, check, record, stats
from labs.lab08_workers import readings
from labs.lab08_workers.scenarios import CAPACITY, GRACE_S, LINES, QUIET_S, RENDER_S, STOP_AT_S

SOON_S = 0.1
HEALTH_GOAL = 0.9
ACCEPT_GOAL = 0.9
WAY_GOAL = 0.22
NEVER_S = 2.5
FULL_AT_S = 2.5
"""In the rush, pools are full and there is a queue from here on."""
KNEE_GOAL = 0.88
ONE_CORE = 0.6
"""More than this share of two cores is not made by one."""
TOO_FAST = 1.1
PAGES_GOAL = 3.5
QUIET_GOAL = 0.95


def _errors(requests: Sequence[record.Request]) -> str:
    """The end of a sentence if most of the requests were answered 500, else ""."""
    failed = sum(r.status == 500 for r in requests)
    if 2 * failed <= len(requests):
        return ""
    return f"{failed} of {len(requests)} were answered 500; a run of lab.run() names the line."


@check(
    "Health and status are answered at once while invoices are made",
    needs="day", at_least=HEALTH_GOAL, unit="share of requests answered within 100 ms", points=2,
    hint="What computes must leave the process that answers: a thread would keep its interpreter lock.",
)  # fmt: skip
def routes(run: Run) -> Finding:
    """Health and status are answered at once while invoices are made."""
    asked = readings.cheap(run)
    share = readings.soon(asked, SOON_S)
    told = f"{share:.1%} of the requests for health and status were answered within {1000 * SOON_S:.0f} ms"
    if share >= HEALTH_GOAL:
        return Finding(True, share, "free", f"{told}.")
    if why := _errors([r for r in asked if r.endpoint != readings.HEALTH]):
        return Finding(False, share, "errors", f"Only {told}: {why}")
    return Finding(False, share, "loop_held", f"Only {told}: something computes in the process that answers them.")


@check(
    "An order is taken in at once, also in a rush",
    needs="rush", at_least=ACCEPT_GOAL, unit="share of requests answered yes within 100 ms", points=1,
    hint="order() writes the job down and returns. Who does the work, and when, is no matter of the request.",
)  # fmt: skip
def accepts(run: Run) -> Finding:
    """An order is taken in at once, also in a rush."""
    asked = readings.orders(run)
    share = sum(r.ok and (r.latency or 0.0) <= SOON_S for r in asked) / len(asked)
    told = f"{share:.1%} of the orders of the rush heard yes within {1000 * SOON_S:.0f} ms"
    if share >= ACCEPT_GOAL:
        return Finding(True, share, "at_once", f"{told}.")
    if why := _errors(asked):
        return Finding(False, share, "errors", f"Only {told}: {why}")
    if readings.soon(readings.cheap(run), SOON_S) < HEALTH_GOAL:
        return Finding(False, share, "loop_held", f"Only {told}, and health checks wait as well: something holds the loop.")
    why = "the customer waits for work that nobody has to wait for."
    return Finding(False, share, "work_in_the_request", f"Only {told}: {why}")


@check(
    "Less work first: one invoice takes as much computing as it must",
    needs="day", at_most=WAY_GOAL, unit="s from an order to the partner, p50 in the quiet", points=2,
    hint="height() takes 2 ms. How often does render() call it for an order of 20 lines, and how often must it?",
)  # fmt: skip
def less_work(run: Run) -> Finding:
    """One invoice, alone in the shop, takes as much computing as it must, and no more."""
    ways = readings.ways(run, QUIET_S)
    way = stats.percentile(ways, 50)
    told = f"In the quiet, an invoice was at the partner {1000 * way:.0f} ms after its order; {1000 * RENDER_S:.0f} ms of"
    told += " that must be computed"
    if way <= WAY_GOAL:
        return Finding(True, way, "lean", f"{told}.")
    if way > NEVER_S:
        return Finding(False, way, "not_delivered", "Most orders of the quiet had no invoice at the partner for seconds.")
    if max(ways) - min(ways) > WAY_GOAL:
        why = f"the quickest {1000 * min(ways):.0f} ms: computing takes the same each time. Who tells a worker of a new job?"
        return Finding(False, way, "picked_up_late", f"{told}, and {why}")
    why = "Nobody else wants a core then, so more workers would not help: which line of render() is run how often?"
    return Finding(False, way, "hot_spot", f"{told}. {why}")


@check(
    "In a rush, two cores make as many invoices as they can",
    needs=("rush", "day"), at_least=KNEE_GOAL, unit="share of the capacity", points=3, narrow=0.02,
    hint="Two processes that compute, and enough tasks that wait: 20 a second x 0.2 s at the partner are 4 of them.",
)  # fmt: skip
def knee(runs: Mapping[str, Run]) -> Finding:
    """In a rush, the cores make as many invoices as they can."""
    run = runs["rush"]
    made = readings.pace(run, FULL_AT_S, run.info.load_s)
    share = min(1.0, made / CAPACITY)
    told = f"{made:.1f} invoices a second in the rush, of {CAPACITY:.0f} that two cores can make"
    if share >= KNEE_GOAL:
        return Finding(True, share, "at_the_knee", f"{told}.")
    if not made:
        return Finding(False, share, "not_delivered", f"{told}: none at all.")
    again = readings.calls_each(run)
    waiting = readings.in_flight(run, FULL_AT_S, run.info.load_s)
    held = readings.pages_held(run, FULL_AT_S, run.info.load_s)
    if again > 1.2:
        why = f"the partner was called {again:.1f} times for each invoice, so work is done more than once."
        return Finding(False, share, "done_again", f"{told}: {why}")
    if stats.percentile(readings.ways(runs["day"], QUIET_S), 50) > WAY_GOAL:
        why = "each of them takes several times the computing that it must."
        return Finding(False, share, "hot_spot", f"{told}: {why}")
    if held > PAGES_GOAL and share > ONE_CORE:
        why = f"{held:.0f} invoices shared the cores, so all of them were late, the first ones as well."
        return Finding(False, share, "crowded", f"{told}: {why}")
    if held >= 1.5:
        why = f"{held:.1f} invoices were in the making at once, and computed on one core: one interpreter, one lock."
        return Finding(False, share, "one_interpreter", f"{told}: {why}")
    why = f"{held:.1f} invoices were in the making at once, {waiting:.1f} calls waited for the partner; cores stood idle."
    return Finding(False, share, "cores_idle", f"{told}: {why}")


LOST = {
    404: (
        "not_durable",
        "the shop does not know them any more: they were in its memory, or in a transaction that was never committed",
    ),
    200: ("done_too_early", "the shop says they are delivered: they were ticked off before the work was done"),
    202: (
        "locked_for_ever",
        "the shop still says accepted: a dead worker has them, or they were given up, and nobody takes them",
    ),
}


@check(
    "Whoever is killed, what was taken in is delivered",
    needs="kills", at_most=0, unit="orders lost", points=3,
    hint="The job is on the disk before the customer hears yes, and stays there until the partner has answered. Who"
    " claims a job claims it for a time.",
)  # fmt: skip
def kept(run: Run) -> Finding:
    """Whoever is killed, what was taken in is delivered."""
    lost, all_ = readings.lost(run), readings.taken_in(run)
    told = f"{len(lost)} of {len(all_)} orders that reached the shop were never delivered, over three kills"
    if not lost:
        if early := readings.promised(run):
            why = f"{early[0]} was not: it came twice at once, and one heard yes while neither was stored."
            return Finding(False, len(early), "twin_not_stored", f"{told}, but {why} Both wait for the one write.")
        if failed := readings.failed(run):
            why = f"{failed[0]} was refused with an error: it came as a backup began. How long does a write wait for one?"
            return Finding(False, len(failed), "backup_refuses", f"{told}, but {why}")
        if not (gone := readings.forgotten(run)):
            return Finding(True, 0, "kept", f"{told}.")
        why = f"the shop did not know {len(gone)} of them at the end, whose invoices the partner had. A status stays true."
        return Finding(False, len(gone), "forgotten", f"{told}, but {why}")
    unheard = [r for r in lost if not r.ok]
    if why := _errors(unheard):
        return Finding(False, len(lost), "errors", f"{told}: {why}")
    if 2 * len(unheard) > len(lost):
        why = f"{len(unheard)} of them were being worked on in the request, and died with it."
        return Finding(False, len(lost), "in_the_request", f"{told}: {why}")
    if readings.pace(run, run.info.seconds - 1, run.info.seconds) > 1:
        return Finding(False, len(lost), "behind", f"{told} by the end, and invoices were still coming: it is too slow.")
    said = readings.audited(run)
    status, _ = Counter(said.get(r.request_id, 0) for r in lost).most_common(1)[0]
    reason, why = LOST.get(status, ("no_status", "and the shop gave no status of them at the end"))
    return Finding(False, len(lost), reason, f"{told}, and {why}.")


@check(
    "A stop loses nothing, and is done in time",
    needs="deploy", at_most=0, unit="orders unheard and calls cut off", points=2,
    hint="stop() claims no more jobs and waits for those under way. The rest stays in the queue for the next process.",
)  # fmt: skip
def stops(run: Run) -> Finding:
    """Told to stop, the shop ends what it has begun, begins nothing, and is done in time."""
    unheard, cut = readings.unheard(run), readings.cut_off(run)
    bad = len(unheard) + len(cut)
    told = f"Told to stop in the rush and killed {GRACE_S:g} s later: {len(unheard)} orders that had reached the shop heard"
    told += f" nothing, {len(cut)} calls of the partner were cut off"
    if not bad:
        return Finding(True, 0, "graceful", f"{told}.")
    if why := _errors([r for r in readings.orders(run) if (r.done or run.info.seconds) < STOP_AT_S]):
        return Finding(False, bad, "errors", f"{told}: {why}")
    if len(unheard) > len(cut):
        return Finding(False, bad, "died_in_the_request", f"{told}: what is done in the request ends with the process.")
    killed = readings.kill_times(run)[0]
    at_kill = sum(r.done is not None and abs(r.done - killed) < 0.05 for r in cut)
    if 2 * at_kill > len(cut):
        return Finding(False, bad, "killed_at_work", f"{told}: it was still beginning new work when its time was over.")
    return Finding(False, bad, "dropped_at_stop", f"{told}, at once: what was under way was dropped, not ended.")


@check(
    "An order that comes again is the same order: one yes, one invoice",
    needs=("rush", "kills", "deploy"), at_most=0, unit="orders with two invoices, or a no after a yes", keeps=0.5,
    hint="A job that is done again must come with the same Idempotency-Key: the name of the order. What does order() do with"
    " an order that it has?",
)  # fmt: skip
def once(runs: Mapping[str, Run]) -> Finding:
    """No invoice is delivered twice, and no order that was taken in is turned away when it comes again."""
    twice = {order for run in runs.values() for order in readings.twice(run)}
    if not twice:
        away = readings.turned_away(runs["kills"])
        if not away:
            return Finding(True, 0, "once", "No order got a second invoice, and none that came again was turned away.")
        told = f"{len(away)} orders heard yes once, and no another time."
        why = "A customer whose yes was lost orders again, at times twice at once: a known order is a yes."
        return Finding(False, len(away), "again_refused", f"{told} {why}")
    told = f"{len(twice)} orders got more than one invoice. The second attempt needs the Idempotency-Key of the first."
    return Finding(False, len(twice), "delivered_twice", told)


@check(
    "Invoices and status are true",
    needs=("day", "rush", "kills", "deploy"), at_most=0, unit="wrong or impossible answers", keeps=0.0,
    hint="The text must stay what it was; each line is measured with height() and printed with page.print().",
)  # fmt: skip
def right(runs: Mapping[str, Run]) -> Finding:
    """Invoices are what they should be, made in no less time than they take, and their status is true."""
    wrong = Counter[str]()
    for run in runs.values():
        wrong["wrong_text"] += sum(not arrival.right for arrival in readings.arrivals(run))
        first = readings.delivered(run)
        ordered = readings.ordered(run)
        wrong["too_fast"] += sum(at - ordered.get(order, at) < 0.9 * RENDER_S for order, at in first.items())
        wrong["not_computed"] += stats.uncomputed(run, "shop", len(first), RENDER_S)
        wrong.update(readings.false_statuses(run))
        wrong["not_ordered"] += readings.known_of_none(run)
    run = runs["rush"]
    wrong["too_fast"] += readings.pace(run, FULL_AT_S, run.info.load_s) > TOO_FAST * CAPACITY
    total = wrong.total()
    if not total:
        return Finding(True, 0, "right", "Every invoice was as it should be, and every status true.")
    first_of = next(kind for kind in WRONG if wrong[kind])
    return Finding(False, total, first_of, f"{total} times not: {wrong[first_of]} of {WRONG[first_of]}")


WRONG = {
    "wrong_text": f"invoices with another text than the code that failed would have given their {LINES} lines.",
    "too_fast": "invoices that were there sooner than their lines can be measured and printed.",
    "not_computed": "invoices whose lines were never measured and printed.",
    "false_status": "answers that said delivered before the partner had the invoice.",
    "not_known": "answers that said unknown of an order that had heard yes.",
    "not_told": "answers that said accepted a second after the partner had taken the invoice.",
    "not_ordered": "answers that were not unknown, of an order which nobody had ordered.",
}


@check(
    "One order after the other: each is answered and delivered",
    needs="day", at_least=QUIET_GOAL, unit="share of the orders", keeps=0.0,
    hint='lab.run(scenario="day") names what raised in the shop.',
)  # fmt: skip
def quiet(run: Run) -> Finding:
    """In the quiet, each order is answered and its invoice delivered."""
    asked = readings.orders(run, 0.0, QUIET_S)
    delivered = readings.delivered(run)
    share = sum(r.ok and r.request_id in delivered for r in asked) / len(asked)
    told = f"{share:.0%} of the orders of the first {QUIET_S:g} s were answered yes, and delivered"
    return Finding(share >= QUIET_GOAL, share, "served" if share >= QUIET_GOAL else "quiet_harmed", f"{told}.")


@check(
    "No more invoices are in the making than the cores can make",
    needs="rush", at_most=PAGES_GOAL, unit="pages in memory, on average", keeps=0.5,
    hint="Each page in the making holds 8 MB. Python's default number of processes is that of the machine: 16.",
    simulated_only="what a live process holds is mostly Python itself, and does not count pages",
)  # fmt: skip
def memory(run: Run) -> Finding:
    """No more invoices are in the making than the cores can make."""
    pages = readings.pages_held(run, FULL_AT_S, run.info.load_s)
    told = f"{pages:.1f} invoices were in the making at once, each with 8 MB, and two cores to make them"
    if pages <= PAGES_GOAL:
        return Finding(True, pages, "affordable", f"{told}.")
    return Finding(False, pages, "too_many_workers", f"{told}: the others wait, hold memory, and make nothing faster.")


CHECKS = (routes, accepts, less_work, knee, kept, stops, once, right, quiet, memory)
