"""What is graded: one function a point. Each reads runs and nothing else.

Which orders fail, and of what, is known from the gateway, which runs no repair. What was answered is read there, too, and
the ids on the wire. Logs and spans are the services' own word, and the thing that is asked for: they are held against that.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence

from labs.kit import Finding, Run, chart, check, record, spans
from labs.lab00_signals import readings
from labs.lab00_signals.readings import EDGE, Order

ALL = 1.0
LINES_AN_ORDER = 8.0
"""Log lines that the three services may write for an order, on average: two in each, the errors, and some room."""
FAST_S = 0.1
FAST_GOAL = 0.95
COVERED = 0.8
"""Of the time that the last service works on an order, what a span of it must cover."""
ENDS_WITHIN_S = 0.005
"""Once a customer has left, his order ends in the three services: the news takes 0.6 ms a hop at most."""

Wrong = tuple[str, str]
"""What is wrong with something, as a slug and in words."""
RIGHT: Wrong = ("", "")


def _all_right(passed: str, cases: Sequence[tuple[str, Wrong]], told: str) -> Finding:
    """Nothing may be wrong with any of some cases, each with its name; else the commonest reason is named, and an example.

    `told` says what is right with those that are.
    """
    wrong = [(slug, f"{name} {why}") for name, (slug, why) in cases if slug]
    share = 1 - len(wrong) / len(cases)
    head = f"{len(cases) - len(wrong)} of {len(cases)} {told}."
    if not wrong:
        return Finding(True, share, passed, head)
    reason = Counter(slug for slug, _ in wrong).most_common(1)[0][0]
    return Finding(False, share, reason, f"{head} {next(words for slug, words in wrong if slug == reason)}.")


# An honest answer ----------------------------------------------------------------------------------------------------


def answered_how(order: Order) -> Wrong:
    """What is wrong with the answer to an order that met an error."""
    status, met, said = order.status, order.met, order.error
    if status == 0:
        return "not_answered", f"was not answered at all; it met {met}"
    if status < 400:
        return "answered_as_success", (
            f"was answered {status} although it met {met}. To whoever counts statuses, it went well"
        )
    if status < 500:
        return "no_error_status", (
            f"was answered {status} although it met {met}; the customer did nothing wrong, so it is a 5xx"
        )
    expected = f'expected {{"error": "{met}"}}'
    if not isinstance(said, str) or not said:
        return "no_error_type", f"was answered {status}, but its body does not say what went wrong: {expected}"
    if said != met:
        return "other_error_type", f"was answered with the error {said!r}. What began it was {met}: {expected}"
    return RIGHT


@check(
    "A failure is answered as a failure",
    needs="leaving", at_least=ALL, unit="share of failed orders", points=3,
    hint='In `handle`, answer web.json_response({"error": error_type}, status=500); in `call`, raise if status >= 400.',
)  # fmt: skip
def honest(run: Run) -> Finding:
    """An order that fails is answered as a failure, with the type of the error, whoever refused it."""
    cases = [(order.name, answered_how(order)) for order in readings.failed_before_somebody(run)]
    return _all_right("honest", cases, "failed orders were answered with a 5xx and the type of the error")


# Logs ----------------------------------------------------------------------------------------------------------------

Lines = Mapping[tuple[str, str], list[record.Log]]
"""Log lines by (service, request id)."""


def told_how(order: Order, service: str, errors: Lines, others: Lines, astray: Sequence[record.Log]) -> Wrong:
    """What is wrong with how a service told of a failed order.

    `errors` and `others` are error logs and all logs; `astray` are the error logs that name no order which failed where they
    were written.
    """
    mine = errors.get((service, order.request_id), [])
    if len(mine) > 1:
        return "logged_again", f"has {len(mine)} error logs for it, and there was one failure"
    if mine and not mine[0].error_type:
        return "no_error_type", "has an error log for it without an error_type"
    if mine and mine[0].error_type != order.met:
        return "other_error_type", f"calls it {mine[0].error_type!r}; what began it was {order.met}"
    if mine:
        return RIGHT
    if any(log.level in readings.WARNING_LEVELS for log in others.get((service, order.request_id), [])):
        return "only_a_warning", "told of it with a warning: nobody who counts errors will see it"
    near = readings.NEAR_S + order.took
    written = [log.request_id for log in astray if log.host == service and abs(log.time - order.at) < near]
    if any(written):
        named = next(name for name in written if name)
        return "other_id", f"has error logs, but none with its id: they name {named!r} and the like"
    if written:
        return "no_id", "has error logs, but without a request_id"
    if any((other, order.request_id) in errors for other in order.passed):
        return "not_in_each_service", "has no error log for it, though other services do; the order passed here as well"
    return "not_logged", "has no error log for it"


@check(
    "One error log for each failure, in each service that it passed",
    needs="leaving", at_least=ALL, unit="share of the error logs that are due", points=3, hears=("logs",),
    hint='self.log.error("request failed", request_id=..., error_type=...), once, where `handle` catches the error.',
)  # fmt: skip
def told(run: Run) -> Finding:
    """Each failed order has exactly one error log, with its id and the error's type, in each service that it passed."""
    return _all_right(
        "told", _told(run),
        "error logs are as they should be: one for each failed order in each service that it passed, with its id and the"
        " type of the error",
    )  # fmt: skip


def _told(run: Run) -> list[tuple[str, Wrong]]:
    """What is wrong with how each service told of each order that failed before somebody who waited."""
    errors = readings.by_service_and_id(readings.error_logs(run))
    others = readings.by_service_and_id(readings.service_logs(run))
    everybody = readings.orders(run)
    astray = readings.astray(run, everybody)
    return [
        (f"{order.name}: {service}", told_how(order, service, errors, others, astray))
        for order in everybody
        if order.met and not order.left
        for service in order.passed
    ]


@check(
    "An error log means a failure, and logs stay few",
    needs="leaving", at_least=ALL, unit="share of the error logs", points=1, hears=("logs",),
    hint="What is not a failed request is no error: log it as info, or not at all. And log a request once or twice in a"
    " service, not each of its steps.",
)  # fmt: skip
def quiet(run: Run) -> Finding:
    """An error log means a failed order, and the logs do not drown it. Orders whose customers left are for `leaves`."""
    everybody = readings.orders(run)
    left = {order.request_id for order in everybody if order.left}
    errors = readings.error_logs(run)
    false = [log for log in readings.astray(run, everybody) if log.request_id not in left]
    if not errors:
        return Finding(False, 0.0, "silent", "There is no error log at all, so nothing can be found by one.")
    share = 1 - len(false) / len(errors)
    lines = len(readings.service_logs(run)) / len(everybody)
    head = f"{len(errors) - len(false)} of {chart.plural(len(errors), 'error log')} name an order that failed there"
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


@check(
    "An order keeps its id on every hop, and back",
    needs="leaving", at_least=ALL, unit="share of orders", points=2,
    hint="Take X-Request-Id from the request, keep it in a ContextVar, send it in `call`, and set it on the response.",
)  # fmt: skip
def same_id(run: Run) -> Finding:
    """The id that the order came with goes with it to the last service, and back to the caller."""
    everybody = readings.orders(run)
    ids = {order.request_id for order in everybody}
    seen = {service: readings.ids_on(run, service) for service in readings.HOPS}
    cases = [(order.name, _kept_how(order, seen, ids)) for order in everybody if not order.left]
    return _all_right("same_id", cases, "orders kept their id on every hop, and back")


def _kept_how(order: Order, seen: Mapping[str, Counter[str]], ids: set[str]) -> Wrong:
    """What is wrong with the id of an order: `seen` are those that came to each service, `ids` those of all orders."""
    hop = next((service for service in order.passed if service in seen and not seen[service][order.request_id]), None)
    if hop is None:
        if order.returned_id == order.request_id:
            return RIGHT
        reason = "mixed_up" if order.returned_id in ids else "not_returned"
        return reason, f"was answered with the X-Request-Id {order.returned_id!r}"
    came = f"came to {hop}"
    if seen[hop][""]:
        return "not_passed_on", f"{came} without an X-Request-Id"
    foreign = [found for found in seen[hop] if found not in ids]
    if hop != "pricing" and any(found in seen["pricing"] for found in foreign):
        return "id_of_the_shop", f"{came} with an id that the caller never sent, such as {foreign[0]!r}"
    if foreign:
        return "new_id_each", f"{came} with an id that no order has, such as {foreign[0]!r}; each service makes its own"
    name, count = max(seen[hop].items(), key=lambda item: item[1], default=("", 0))
    return "mixed_up", f"{came} with the id of another order, or not at all: {name!r} came there {count} times"


# Traces --------------------------------------------------------------------------------------------------------------


def traced_how(order: Order, seen: Sequence[record.Span], hosts: set[str]) -> Wrong:
    """What is wrong with the trace of an order; `hosts` are those that made any spans at all."""
    by_id = {span.span_id: span for span in seen}
    last = order.passed[-1]
    leaf = [span for span in seen if span.host == last]
    ways = [readings.way(span, by_id) for span in leaf]
    if (*reversed(order.passed), EDGE) in ways:
        longest = max(readings.seconds_of(span) for span in leaf)
        if longest < COVERED * order.work_s:
            return "empty_spans", (
                f"the spans of {last} last {longest * 1000:.0f} ms at most, and its work took longer: they do not cover it"
            )
        if order.met and not any(span.status == spans.ERROR for span in leaf):
            return "not_marked", (
                f"no span of {last} says that it failed, and the order failed there: span.set_status(StatusCode.ERROR)"
            )
        return RIGHT
    present = {span.host for span in seen}
    missing = next((service for service in order.passed if service not in present), None)
    if missing in hosts:
        return "new_trace", f"{missing} made spans, but none in the trace of this order: it began a trace of its own"
    if missing is not None:
        return "no_spans", f"{missing} made no spans"
    found = max(ways, key=len)
    return "not_joined", (
        f"its trace is there, but no way leads from {last} up to the gateway, parent by parent: {' -> '.join(found)}"
    )


@check(
    "An order is one trace, from the gateway to the last service",
    needs="leaving", at_least=ALL, unit="share of orders", points=2, hears=("spans",),
    hint="Extract the caller's context from request.headers, start a span in it, inject it into the headers of `call`;"
    " where you catch an error, span.set_status(StatusCode.ERROR).",
)  # fmt: skip
def one_trace(run: Run) -> Finding:
    """Each order is one trace, from the gateway down to the last service, joined span by span."""
    waited, traces = readings.waited_for(run), readings.traces(run)
    hosts = {span.host for span in run.spans()}
    cases = [(f"{order.name}:", traced_how(order, traces.get(order.trace_id, []), hosts)) for order in waited]
    return _all_right("one_trace", cases, "orders are one trace from the gateway down")


# Gates ---------------------------------------------------------------------------------------------------------------


@check(
    "Good orders are answered as before",
    needs="leaving", at_least=ALL, unit="share of good orders", keeps=0.0,
    hint="What handler(request) returns is the answer: hand it back, with nothing but a header added.",
)  # fmt: skip
def unchanged(run: Run) -> Finding:
    """An order that meets no error is answered as before."""
    good = [order for order in readings.waited_for(run) if not order.met]
    cases = [(o.name, RIGHT if o.right_answer else ("good_orders_harmed", f"was answered {o.status}")) for o in good]
    return _all_right("unchanged", cases, "orders that met no error were answered 200, with product and price")


@check(
    "Watching costs no time",
    needs="leaving", at_least=FAST_GOAL, unit="share of the orders for fast products", keeps=0.0,
    hint="No request may wait for another: no lock around `handle`, no time.sleep, no pause before a second attempt.",
)  # fmt: skip
def fast(run: Run) -> Finding:
    """Watching costs no time: orders for the fast products stay fast."""
    took = [order.took for order in readings.waited_for(run) if not order.slow_family]
    share = sum(t <= FAST_S for t in took) / len(took)
    head = f"{share:.1%} of the orders for fast products were answered within {FAST_S * 1000:.0f} ms"
    if share >= FAST_GOAL:
        return Finding(True, share, "fast", f"{head}.")
    return Finding(False, share, "slowed_down", f"{head}. What do they wait for now that they did not before?")


@check(
    "A customer who leaves is no failure",
    needs="leaving", at_least=ALL, unit="share of the orders", keeps=0.5, hears=("logs", "spans"),
    simulated_only="live, the last of three services hears some milliseconds later that a customer has left",
    hint="The request is cancelled: CancelledError, which is no Exception, comes out of handler(request). Let it pass: catch"
    " Exception, nothing wider, await what you begin, and end a span in `finally` or by its `with`.",
)  # fmt: skip
def leaves(run: Run) -> Finding:
    """An order whose customer has left ends without an error log, its spans are kept, the others are answered as before."""
    everybody = readings.orders(run)
    false = {log.request_id: log.host for log in readings.astray(run, everybody)}
    ended, lost = readings.last_ended(run), _spans_lost(run, everybody)
    cases = [(order.name, _ended_how(order, false, ended, lost)) for order in everybody]
    return _all_right("ended", cases, "orders ended as they should, while each tenth customer left")


def _spans_lost(run: Run, everybody: Sequence[Order]) -> Mapping[str, str]:
    """A service that was at work on an order when its customer left, and has no span of it, by the order's id.

    Asked of a service only if it has spans in the traces of orders whose customers stayed; else `one_trace` judges it.
    """
    reached = readings.reached(run)
    has = {trace_id: {span.host for span in seen} for trace_id, seen in readings.traces(run).items()}
    tracing = {host for order in everybody if not order.left for host in has.get(order.trace_id, ())}
    lost = {}
    for order in (order for order in everybody if order.left):
        came = {"shop": order.at, **reached.get(order.request_id, {})}
        at_work = [service for service in came if came[service] + ENDS_WITHIN_S < order.at + order.took]
        missing = [service for service in at_work if service in tracing and service not in has.get(order.trace_id, ())]
        if missing:
            lost[order.request_id] = missing[-1]
    return lost


def _ended_how(
    order: Order, false: Mapping[str, str], ended: Mapping[str, tuple[float, str]], lost: Mapping[str, str]
) -> Wrong:
    """What is wrong with how an order ended.

    `false` has the service with an error log for an order that did not fail there, `ended` when and in which service an
    order was last under way, `lost` the service whose span of it is missing, all by request id.
    """
    if not order.left:
        return RIGHT if order.met or order.right_answer else ("others_harmed", f"was answered {order.status}")
    if host := false.get(order.request_id):
        return "told_as_failure", f"has an error log in {host}, and its customer had only left"
    last, service = ended.get(order.request_id, (0.0, ""))
    if last > order.at + order.took + ENDS_WITHIN_S:
        return "goes_on", f"was still under way in {service} {ENDS_WITHIN_S * 1000:.0f} ms after its customer left"
    if service := lost.get(order.request_id, ""):
        return "span_lost", f"was at work in {service} when its customer left, and its trace has no span of {service}"
    return RIGHT


CHECKS = (honest, told, quiet, same_id, one_trace, unchanged, fast, leaves)
