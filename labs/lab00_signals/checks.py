"""What is graded: one function a point. Each reads runs and nothing else.

Which orders fail, and of what, is known from the gateway, which runs no repair. What was answered is read there, too, and
the ids on the wire. Logs and spans are the services' own word, and the thing that is asked for: they are held against that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping

from labs.kit.model.lab import Check
from labs.kit.model.record import Log, Run, Span
from labs.kit.model.verdict import Finding
from labs.lab00_signals import readings
from labs.lab00_signals.readings import EDGE, SERVICES, Order

ALL = 1.0
LINES_AN_ORDER = 8.0
"""Log lines that the three services may write for an order, on average: two in each, the errors, and some room."""
FAST_S = 0.1
FAST_GOAL = 0.95
COVERED = 0.8
"""Of the time that the last service works on an order, what a span of it must cover."""

FAILED = "ERROR"
"""The status of a span whose work failed."""

SCENARIO = "orders"


def _commonest(reasons: Counter[str]) -> str:
    """The most frequent reason; of equals the one that came first."""
    return reasons.most_common(1)[0][0]


def _one(count: int, noun: str) -> str:
    return f"{count} {noun}" + ("" if count == 1 else "s")


# An honest answer ----------------------------------------------------------------------------------------------------

ANSWERS = {
    "not_answered": "was not answered at all; it met {met}",
    "answered_as_success": "was answered {status} although it met {met}. To whoever counts statuses, it went well",
    "no_error_status": "was answered {status} although it met {met}; the customer did nothing wrong, so it is a 5xx",
    "no_error_type": 'was answered {status}, but its body does not say what went wrong: expected {{"error": "{met}"}}',
    "other_error_type": 'was answered with the error {said!r}. What began it was {met}: expected {{"error": "{met}"}}',
}


def answered_how(order: Order) -> str:
    """What is wrong with the answer to an order that met an error; "" if nothing is."""
    if order.status == 0:
        return "not_answered"
    if order.status < 400:
        return "answered_as_success"
    if order.status < 500:
        return "no_error_status"
    said = order.body.get("error") if isinstance(order.body, dict) else None
    if not isinstance(said, str) or not said:
        return "no_error_type"
    return "" if said == order.met else "other_error_type"


def honest(runs: Mapping[str, Run]) -> Finding:
    """An order that fails is answered as a failure, with the type of the error."""
    failed = readings.failed(runs[SCENARIO])
    wrong = [(how, order) for order in failed if (how := answered_how(order))]
    share = 1 - len(wrong) / len(failed)
    told = f"{len(failed) - len(wrong)} of {len(failed)} failed orders were answered with a 5xx and the type of the error"
    if not wrong:
        return Finding(True, share, "honest", f"{told}.")
    reason = _commonest(Counter(how for how, _ in wrong))
    order = next(order for how, order in wrong if how == reason)
    said = order.body.get("error") if isinstance(order.body, dict) else None
    why = ANSWERS[reason].format(status=order.status, met=order.met, said=said)
    return Finding(False, share, reason, f"{told}. {order.name} {why}.")


# Logs ----------------------------------------------------------------------------------------------------------------

_Lines = Mapping[tuple[str, str], list[Log]]
"""Log lines by (service, request id)."""

LINES = {
    "logged_again": "has {count} error logs for it, and there was one failure",
    "no_error_type": "has an error log for it without an error_type",
    "other_error_type": "calls it {said!r}; what began it was {met}",
    "only_a_warning": "told of it with a warning: nobody who counts errors will see it",
    "not_in_each_service": "has no error log for it, though other services do; the order passed here as well",
    "other_id": "has error logs, but none with its id: they name {said!r} and the like",
    "no_id": "has error logs, but without a request_id",
    "not_logged": "has no error log for it",
}


def told_how(order: Order, service: str, errors: _Lines, others: _Lines, astray: Mapping[str, list[Log]]) -> tuple[str, str]:
    """What is wrong with how a service told of a failed order, and what it said instead; ("", "") if nothing is.

    `errors` and `others` are error logs and all logs by (service, id); `astray` are, by service, the error logs that name no
    order which failed there.
    """
    mine = errors.get((service, order.request_id), [])
    if len(mine) == 1:
        said = mine[0].error_type
        return ("", "") if said == order.met else ("other_error_type" if said else "no_error_type", said)
    if mine:
        return "logged_again", ""
    if any(log.level in readings.WARNING_LEVELS for log in others.get((service, order.request_id), [])):
        return "only_a_warning", ""
    written = [log for log in astray.get(service, []) if abs(log.time - order.at) < readings.NEAR_S + order.took]
    if written:
        named = next((log.request_id for log in written if log.request_id), "")
        return ("other_id", named) if named else ("no_id", "")
    if any(errors.get((other, order.request_id)) for other in order.passed):
        return "not_in_each_service", ""
    return "not_logged", ""


def told(runs: Mapping[str, Run]) -> Finding:
    """Each failed order has exactly one error log, with its id and the error's type, in each service that it passed."""
    run = runs[SCENARIO]
    everything = readings.service_logs(run)
    errors = readings.by_service_and_id(readings.error_logs(run))
    others = readings.by_service_and_id(everything)
    due = [(order, service) for order in readings.failed(run) for service in order.passed]
    failed_there = {(service, order.request_id) for order, service in due}
    strangers = [log for log in readings.error_logs(run) if (log.host, log.request_id) not in failed_there]
    astray = {service: [log for log in strangers if log.host == service] for service in SERVICES}
    wrong = [(*how, *pair) for pair in due if (how := told_how(*pair, errors, others, astray))[0]]
    share = 1 - len(wrong) / len(due)
    head = (
        f"{len(due) - len(wrong)} of {len(due)} error logs are as they should be: one for each failed order in each service"
        " that it passed, with its id and the type of the error"
    )
    if not wrong:
        return Finding(True, share, "told", f"{head}.")
    reason = _commonest(Counter(how for how, *_ in wrong))
    _, said, order, service = next(row for row in wrong if row[0] == reason)
    count = len(errors.get((service, order.request_id), []))
    why = LINES[reason].format(count=count, said=said, met=order.met)
    return Finding(False, share, reason, f"{head}. {order.name}: {service} {why}.")


def quiet(runs: Mapping[str, Run]) -> Finding:
    """An error log means a failed order, and the logs do not drown it."""
    run = runs[SCENARIO]
    errors = readings.error_logs(run)
    if not errors:
        return Finding(False, 0.0, "silent", "There is no error log at all, so nothing can be found by one.")
    met = {(service, order.request_id) for order in readings.failed(run) for service in order.passed}
    false = [log for log in errors if (log.host, log.request_id) not in met]
    share = 1 - len(false) / len(errors)
    lines = len(readings.service_logs(run)) / len(readings.orders(run))
    head = f"{len(errors) - len(false)} of {_one(len(errors), 'error log')} name an order that failed there"
    if false:
        first = false[0]
        named = f"names {first.request_id!r}, which did not fail there" if first.request_id else "names no order"
        reason = "false_alarms" if first.request_id else "names_nobody"
        return Finding(False, share, reason, f"{head}. One of {first.host}, {first.event!r}, {named}.")
    if lines > LINES_AN_ORDER:
        why = f"But the services write {lines:.2f} lines an order, and {LINES_AN_ORDER:g} are allowed: who pays, who reads?"
        return Finding(False, 0.0, "drowned", f"{head}. {why}")
    return Finding(True, share, "quiet", f"{head}, and an order has {lines:.1f} log lines on average.")


# Ids -----------------------------------------------------------------------------------------------------------------


def same_id(runs: Mapping[str, Run]) -> Finding:
    """The id that the order came with goes with it to the last service, and back to the caller."""
    run = runs[SCENARIO]
    everybody = readings.orders(run)
    ids = {order.request_id for order in everybody}
    seen = {service: readings.ids_on(run, service) for service in readings.HOPS}
    wrong: list[tuple[str, str]] = []
    for order in everybody:
        hop = next((s for s in order.passed if s in seen and not seen[s][order.request_id]), None)
        if hop is not None:
            reason, why = _other_ids(hop, seen, ids)
            wrong.append((reason, f"{order.name} came to {hop} {why}"))
        elif order.returned_id != order.request_id:
            reason = "mixed_up" if order.returned_id in ids else "not_returned"
            wrong.append((reason, f"{order.name} was answered with the X-Request-Id {order.returned_id!r}"))
    share = 1 - len(wrong) / len(everybody)
    head = f"{len(everybody) - len(wrong)} of {len(everybody)} orders kept their id on every hop, and back"
    if not wrong:
        return Finding(True, share, "same_id", f"{head}.")
    reason = _commonest(Counter(row[0] for row in wrong))
    return Finding(False, share, reason, f"{head}. {next(why for how, why in wrong if how == reason)}.")


def _other_ids(hop: str, seen: Mapping[str, Counter[str]], ids: set[str]) -> tuple[str, str]:
    """What came to a service in the place of an order's id: the reason, and how it is told."""
    if seen[hop][""]:
        return "not_passed_on", "without an X-Request-Id"
    foreign = [found for found in seen[hop] if found not in ids]
    if any(found in seen["pricing"] for found in foreign) and hop != "pricing":
        return "id_of_the_shop", f"with an id that the caller never sent, such as {foreign[0]!r}"
    if foreign:
        return "new_id_each", f"with an id that no order has, such as {foreign[0]!r}; each service makes its own"
    name, count = max(seen[hop].items(), key=lambda item: item[1], default=("", 0))
    return "mixed_up", f"with the id of another order, or not at all: {name!r} came there {count} times"


# Traces --------------------------------------------------------------------------------------------------------------

SPANS = {
    "no_spans": "{where} made no spans",
    "new_trace": "{where} made spans, but none in the trace of this order: it began a trace of its own",
    "not_joined": "its trace is there, but no way leads from {where} up to the gateway, parent by parent: {said}",
    "not_marked": "no span of {where} says that it failed, and the order failed there: span.set_status(StatusCode.ERROR)",
    "empty_spans": "the spans of {where} last {said}, and its work took longer: they do not cover it",
}


def traced_how(order: Order, spans: list[Span], hosts: set[str]) -> tuple[str, str, str]:
    """What is wrong with the trace of an order, where, and what was found; ("", "", "") if nothing is."""
    by_id = {span.span_id: span for span in spans}
    wanted = (*reversed(order.passed), EDGE)
    leaf = [span for span in spans if span.host == order.passed[-1]]
    if any(readings.way(span, by_id) == wanted for span in leaf):
        longest = max(readings.seconds_of(span) for span in leaf)
        if longest < COVERED * order.work_s:
            return "empty_spans", order.passed[-1], f"{longest * 1000:.0f} ms at most"
        if order.met and not any(span.status == FAILED for span in leaf):
            return "not_marked", order.passed[-1], ""
        return "", "", ""
    present = {span.host for span in spans}
    missing = next((s for s in order.passed if s not in present), None)
    if missing is not None:
        return ("new_trace" if missing in hosts else "no_spans"), missing, ""
    found = max((readings.way(span, by_id) for span in leaf), key=len)
    return "not_joined", order.passed[-1], " -> ".join(found)


def one_trace(runs: Mapping[str, Run]) -> Finding:
    """Each order is one trace, from the gateway down to the last service, joined span by span."""
    run = runs[SCENARIO]
    everybody, traces = readings.orders(run), readings.traces(run)
    hosts = {span.host for span in run.spans()}
    wrong = []
    for order in everybody:
        how = traced_how(order, traces.get(order.trace_id, []), hosts)
        if how[0]:
            wrong.append((*how, order))
    share = 1 - len(wrong) / len(everybody)
    head = f"{len(everybody) - len(wrong)} of {len(everybody)} orders are one trace from the gateway down"
    if not wrong:
        return Finding(True, share, "one_trace", f"{head}.")
    reason = _commonest(Counter(row[0] for row in wrong))
    _, where, said, order = next(row for row in wrong if row[0] == reason)
    return Finding(False, share, reason, f"{head}. {order.name}: {SPANS[reason].format(where=where, said=said)}.")


# Gates ---------------------------------------------------------------------------------------------------------------


def unchanged(runs: Mapping[str, Run]) -> Finding:
    """An order that meets no error is answered as before."""
    good = [order for order in readings.orders(runs[SCENARIO]) if not order.met]
    wrong = [order for order in good if not order.right_answer]
    share = 1 - len(wrong) / len(good)
    head = f"{len(good) - len(wrong)} of {len(good)} orders that met no error were answered 200, with product and price"
    if not wrong:
        return Finding(True, share, "unchanged", f"{head}.")
    return Finding(False, share, "good_orders_harmed", f"{head}. {wrong[0].name} was answered {wrong[0].status}.")


def fast(runs: Mapping[str, Run]) -> Finding:
    """Watching costs no time: orders for the fast products stay fast."""
    took = [order.took for order in readings.orders(runs[SCENARIO]) if not order.slow_family]
    share = sum(t <= FAST_S for t in took) / len(took)
    head = f"{share:.1%} of the orders for fast products were answered within {FAST_S * 1000:.0f} ms"
    if share >= FAST_GOAL:
        return Finding(True, share, "fast", f"{head}.")
    return Finding(False, share, "slowed_down", f"{head}. What do they wait for now that they did not before?")


CHECKS = (
    Check(
        name="honest",
        title="A failure is answered as a failure",
        needs=(SCENARIO,),
        judge=honest,
        goal=ALL,
        bound="at least",
        unit="share of failed orders",
        points=3,
        hint='In `handle`, answer web.json_response({"error": error_type}, status=500); in `call`, raise if status >= 400.',
    ),
    Check(
        name="told",
        title="One error log for each failure, in each service that it passed",
        needs=(SCENARIO,),
        judge=told,
        goal=ALL,
        bound="at least",
        unit="share of the error logs that are due",
        points=3,
        hint='self.log.error("request failed", request_id=..., error_type=...), once, where `handle` catches the error.',
    ),
    Check(
        name="quiet",
        title="An error log means a failure, and logs stay few",
        needs=(SCENARIO,),
        judge=quiet,
        goal=ALL,
        bound="at least",
        unit="share of the error logs",
        points=1,
        hint="What is not a failed request is no error: log it as info, or not at all. And log a request once or twice in a"
        " service, not each of its steps.",
    ),
    Check(
        name="same_id",
        title="An order keeps its id on every hop, and back",
        needs=(SCENARIO,),
        judge=same_id,
        goal=ALL,
        bound="at least",
        unit="share of orders",
        points=2,
        hint="Take X-Request-Id from the request, keep it in a ContextVar, send it in `call`, and set it on the response.",
    ),
    Check(
        name="one_trace",
        title="An order is one trace, from the gateway to the last service",
        needs=(SCENARIO,),
        judge=one_trace,
        goal=ALL,
        bound="at least",
        unit="share of orders",
        points=2,
        hint="Extract the caller's context from request.headers, start a span in it, inject it into the headers of `call`;"
        " where you catch an error, span.set_status(StatusCode.ERROR).",
    ),
    Check(
        name="unchanged",
        title="Good orders are answered as before",
        needs=(SCENARIO,),
        judge=unchanged,
        goal=ALL,
        bound="at least",
        unit="share of good orders",
        gate=True,
        keeps=0.0,
        hint="What handler(request) returns is the answer: hand it back, with nothing but a header added.",
    ),
    Check(
        name="fast",
        title="Watching costs no time",
        needs=(SCENARIO,),
        judge=fast,
        goal=FAST_GOAL,
        bound="at least",
        unit="share of the orders for fast products",
        gate=True,
        keeps=0.0,
        hint="No request may wait for another: no lock around `handle`, no time.sleep, no pause before a second attempt.",
    ),
)
