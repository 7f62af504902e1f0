"""What a run of lab00 says, in plain values: the orders as the gateway saw them, and what the services told of each.

The gateway and the wire can be believed. Logs and spans are the services' own word: they are what is judged here.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from math import inf
from typing import Any

from labs.kit import Run, record, spans
from labs.lab00_signals.scenarios import ANSWERED, NOTED
from labs.lab00_signals.trouble import PASSES, SLOW_FAMILY, cents

SERVICES = ("shop", "inventory", "pricing")
"""Those that run the repair, from the edge to the leaf."""
EDGE = "gateway"
HOPS = {"inventory": "shop->inventory", "pricing": "inventory->pricing"}
"""The link by which a request comes to a service from another one of these."""
ERROR_LEVELS = ("error", "exception", "critical", "fatal")
WARNING_LEVELS = ("warning", "warn")
NOT_ANSWERED = {"status": 0, "bytes": 0, "body": "", "returned": ""}
NEAR_S = 0.05
"""A log line so near to an order may be about it."""
SLOW_S = 0.2
"""An order that takes longer is slow."""


@dataclass(frozen=True)
class Order:
    """One order as the gateway saw it.

    `name` stands in the order, `request_id` came with it; `met` is the type of the error that it met below, "" if none;
    `work_s` is how long the last service that it passes works on it, in seconds; `status` is 0 if it was not answered. The
    customer of an order with `left` gave up before it was answered, `took` seconds after it came.
    """

    name: str
    request_id: str
    at: float
    took: float
    product: str
    met: str
    work_s: float
    status: int
    bytes: int
    body: Any
    returned_id: str
    trace_id: str
    left: bool = False

    @property
    def error(self) -> Any:
        """What stands as `error` in the body of its answer; None where nothing does."""
        return self.body.get("error") if isinstance(self.body, dict) else None

    @property
    def passed(self) -> tuple[str, ...]:
        """The services that it passed, from the edge on."""
        return PASSES[self.met]

    @property
    def slow_family(self) -> bool:
        """Is it for the family that pricing is slow for?"""
        return self.product.startswith(SLOW_FAMILY)

    @property
    def right_answer(self) -> bool:
        """Was it answered 200 with what it should be?"""
        wanted = {"order": self.name, "product": self.product, "cents": cents(self.product)}
        return self.status == 200 and self.body == wanted


def orders(run: Run) -> list[Order]:
    """All orders that came to the gateway, in the order in which they came."""
    sent = {r.request_id: r for r in run.requests()}
    notes = run.logs(EDGE)
    answers = {log.request_id: json.loads(log.fields) for log in notes if log.event == ANSWERED}
    found = []
    for log in (log for log in notes if log.event == NOTED):
        told, request, answer = json.loads(log.fields), sent[log.request_id], answers.get(log.request_id, NOT_ANSWERED)
        found.append(
            Order(
                name=told["order"],
                request_id=log.request_id,
                at=request.intended,
                took=run.info.seconds - request.intended if request.latency is None else request.latency,
                product=told["product"],
                met=told["met"],
                work_s=told["work_s"],
                trace_id=told["trace_id"],
                status=answer["status"],
                bytes=answer["bytes"],
                body=_parsed(answer["body"]),
                returned_id=answer["returned"],
                left=request.error_type == "timeout",
            )
        )
    return found


def _parsed(body: str) -> Any:
    """What stands in a JSON body; None if it is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def failed(run: Run) -> list[Order]:
    """The orders that met an error, however they were answered."""
    return [order for order in orders(run) if order.met]


def waited_for(run: Run) -> list[Order]:
    """The orders whose customers waited for the answer."""
    return [order for order in orders(run) if not order.left]


def failed_before_somebody(run: Run) -> list[Order]:
    """Those of them that met an error."""
    return [order for order in waited_for(run) if order.met]


def all_logs(run: Run) -> list[record.Log]:
    """The log lines of all services as a log store would have them: without the gateway's notes for the judge."""
    return [log for log in run.logs() if not (log.host == EDGE and log.event in (NOTED, ANSWERED))]


def service_logs(run: Run) -> list[record.Log]:
    """The log lines of the three services, as they came."""
    return [log for log in run.logs() if log.host in SERVICES]


def error_logs(run: Run) -> list[record.Log]:
    """Those of them with the level of an error."""
    return [log for log in service_logs(run) if log.level in ERROR_LEVELS]


def astray(run: Run, everybody: Sequence[Order]) -> list[record.Log]:
    """The error logs that name no order which failed in the service that wrote them."""
    failed_there = {(service, order.request_id) for order in everybody if order.met for service in order.passed}
    return [log for log in error_logs(run) if (log.host, log.request_id) not in failed_there]


def by_service_and_id(logs: list[record.Log]) -> Mapping[tuple[str, str], list[record.Log]]:
    """Log lines by (service, request id)."""
    found: defaultdict[tuple[str, str], list[record.Log]] = defaultdict(list)
    for log in logs:
        found[log.host, log.request_id].append(log)
    return found


def ids_on(run: Run, service: str) -> Counter[str]:
    """How many requests came to a service with each id, on the wire from the service above it."""
    return Counter(r.request_id for r in run.requests(HOPS[service]))


def reached(run: Run) -> Mapping[str, Mapping[str, float]]:
    """When each order came to the services below the shop, on the wire, by its id and by service."""
    found: defaultdict[str, dict[str, float]] = defaultdict(dict)
    for service, link in HOPS.items():
        for seen in run.requests(link):
            found[seen.request_id][service] = seen.sent
    return found


def last_ended(run: Run) -> Mapping[str, tuple[float, str]]:
    """When each order was last under way between two services, and in which, by its id; infinite if it never ended."""
    found: dict[str, tuple[float, str]] = {}
    for service, link in HOPS.items():
        for seen in run.requests(link):
            ended = (inf if seen.done is None else seen.done, service)
            found[seen.request_id] = max(ended, found.get(seen.request_id, ended))
    return found


def traces(run: Run) -> Mapping[str, list[record.Span]]:
    """All spans by the id of their trace."""
    found: defaultdict[str, list[record.Span]] = defaultdict(list)
    for span in run.spans():
        found[span.trace_id].append(span)
    return found


def ancestry(span: record.Span, by_id: Mapping[str, record.Span]) -> Iterator[record.Span]:
    """A span, its parent, and so on up to the root; ends where a parent is missing, or where it would go round."""
    seen: set[str] = set()
    current: record.Span | None = span
    while current is not None and current.span_id not in seen:
        yield current
        seen.add(current.span_id)
        current = by_id.get(current.parent_id)


def way(span: record.Span, by_id: Mapping[str, record.Span]) -> tuple[str, ...]:
    """The hosts from a span up to the root of its trace, each once as long as it goes on: ("pricing", "inventory", ...)."""
    hosts: list[str] = []
    for above in ancestry(span, by_id):
        if not hosts or hosts[-1] != above.host:
            hosts.append(above.host)
    return tuple(hosts)


def seconds_of(span: record.Span) -> float:
    """How long a span lasted."""
    return span.end - span.start


def own_times(run: Run) -> Mapping[tuple[str, str], float]:
    """Seconds that each service spent itself on each trace, by (trace id, service)."""
    spent: defaultdict[tuple[str, str], float] = defaultdict(float)
    for trace_id, seen in traces(run).items():
        for row in spans.tree(seen):
            spent[trace_id, row.span.host] += row.own_s
    return spent


def came_back_empty(run: Run) -> float:
    """Orders that were answered with an empty body. Raises ValueError: there were no orders."""
    everybody = orders(run)
    if not everybody:
        raise ValueError(f"{run} has no orders")
    return sum(order.bytes == 0 for order in everybody)


def slow_percent(run: Run) -> float:
    """Of the orders, those that took longer than SLOW_S, in %. Raises ZeroDivisionError: there were none."""
    took = [order.took for order in orders(run)]
    return 100 * sum(t > SLOW_S for t in took) / len(took)


# What a diagnosis is judged by: evidence, and an alert rule --------------------------------------------------------------


def empty_above_pricing(run: Run, request_id: str) -> bool:
    """Did this order come back empty with a status of success, and did it never come to pricing?"""
    asked = [order for order in orders(run) if order.request_id == request_id]
    return any(order.status == 200 and not order.bytes and "pricing" not in order.passed for order in asked)


def slow_and_whole(run: Run, request_id: str) -> bool:
    """Did this order take longer than SLOW_S, and come back with its price?"""
    return any(order.request_id == request_id and order.took > SLOW_S and order.right_answer for order in orders(run))


OBJECTIVE = 0.99
"""Of all orders, the share that the shop promises to answer well."""
BUDGET = 1 - OBJECTIVE
LONGEST_S = 10.0
"""The longest window of an alert rule."""
SIGNALS: Mapping[str, Callable[[Order], bool]] = {
    "5xx": lambda order: order.status >= 500,
    "slow": lambda order: order.took > SLOW_S,
    "empty": lambda order: not order.bytes,
}
"""What an alert rule may count, all of it seen at the gateway."""


def burn(asked: Sequence[Order], signal: str) -> float:
    """How many times faster than allowed these orders burn the error budget: the share counted over the budget."""
    return sum(map(SIGNALS[signal], asked)) / len(asked) / BUDGET if asked else 0.0


def fires_at(run: Run, signal: str, burn_rate: float, window_s: float) -> float | None:
    """The second at which a rule fires, looking at the end of each second; None if it never does."""
    everybody = orders(run)
    for end in range(1, round(run.info.load_s) + 1):
        window = [order for order in everybody if end - window_s <= order.at < end]
        if end >= window_s and burn(window, signal) >= burn_rate:
            return float(end)
    return None
