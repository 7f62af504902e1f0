"""What the record of a run says of the page: request times of a route, prices at the supplier, the probe's answers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from math import inf

from labs.kit import Run, names, record, stats
from labs.lab01_blocking.scenarios import AT_WORK, OUTAGE_AT_S, OUTAGE_S

FAST, SLOW = "GET /health", "GET /price"
ENTRY, LINK = "load->page", "page->supplier"
PROBE = "probe->page"


def requests(run: Run, endpoint: str, start: float = 0.0, end: float | None = None) -> list[record.Request]:
    """The load's requests of one route that were due in the window."""
    return [r for r in stats.user_requests(run, start, end) if r.endpoint == endpoint]


def waited(request: record.Request) -> float:
    """Seconds a request took from when it was due; `inf` if it never ended: the end of the run is no answer."""
    return inf if request.latency is None else request.latency


def times(run: Run, endpoint: str, start: float = 0.0, end: float | None = None) -> list[float]:
    """Request times of one route, ascending."""
    return sorted(waited(r) for r in requests(run, endpoint, start, end))


def p(run_times: list[float], percent: float) -> str:
    """A percentile of request times in words: "p50 0.11 s", or that so many never ended."""
    value = stats.percentile(run_times, percent)
    if value == inf:
        return f"p{percent:g}: no answer"
    return f"p{percent:g} {value:.2f} s" if value >= 1 else f"p{percent:g} {1000 * value:.0f} ms"


def in_time(run: Run, endpoint: str, limit_s: float, start: float = 0.0, end: float | None = None) -> float:
    """Share of a route's requests that were answered 200 within `limit_s`."""
    asked = requests(run, endpoint, start, end)
    return sum(r.ok and waited(r) <= limit_s for r in asked) / len(asked)


def most_at_work(run: Run) -> int:
    """The most requests that the supplier worked on at once, by its own count: with those that the page had given up."""
    return max((int(event.detail) for event in run.events(AT_WORK)), default=0)


def during_outage(run: Run) -> list[record.Request]:
    """The load's prices that were asked for and answered 200 while the supplier gave none ("flaky")."""
    prices = requests(run, SLOW, OUTAGE_AT_S + stats.CLOCK_S)
    return [r for r in prices if r.ok and r.done is not None and r.done < OUTAGE_AT_S + OUTAGE_S - stats.CLOCK_S]


@dataclass(frozen=True)
class Answer:
    """What the probe got for one price: the body of the answer if it has the right form, and when it was asked and came."""

    sku: str
    sent: float
    done: float
    price: int
    views: int
    signature: str


def answers(run: Run) -> list[Answer | None]:
    """The probe's answers that came with status 200; None for one whose body has not the right form."""
    found = []
    for event in run.events("answer"):
        told = json.loads(event.detail)
        if told["status"] == 200:
            found.append(_answer(event.subject, told["sent"], event.time, told["body"]))
    return found


def _answer(sku: str, sent: float, done: float, body: str) -> Answer | None:
    try:
        got = json.loads(body)
        price, views, signed = got["price"], got["views"], got["signature"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if type(price) is not int or type(views) is not int or not isinstance(signed, str):
        return None
    return Answer(sku, sent, done, price, views, signed)


# What a diagnosis is judged by: evidence, and an alert rule --------------------------------------------------------------

FAST_S, AT_ONCE_S = 0.05, 0.005
"""A health check is in time within the first, and waited for nothing within the second."""


def meanwhile(run: Run, request: record.Request, link: str) -> list[record.Request]:
    """The exchanges on a link that were under way while a request waited for its answer."""
    end = inf if request.done is None else request.done
    return [r for r in run.requests(link) if r.sent < end and (r.done is None or r.done > request.sent)]


def waited_for_two(run: Run, visit: str) -> bool:
    """Was this a health check that took more than 50 ms, and were two calls to the supplier under way meanwhile?

    The page that failed makes its calls one after the other, so it waited for both.
    """
    found = [r for r in requests(run, FAST) if r.request_id == visit]
    return any(waited(r) > FAST_S and len(meanwhile(run, r, LINK)) >= 2 for r in found)


def met_a_free_loop(run: Run, visit: str) -> bool:
    """Was this a health check that was answered within 5 ms, and was no call to the supplier under way meanwhile?"""
    found = [r for r in requests(run, FAST) if r.request_id == visit]
    return any(r.ok and waited(r) <= AT_ONCE_S and not meanwhile(run, r, LINK) for r in found)


SIGNALS = ("lag", "health", "price")


def worst(run: Run, signal: str) -> Iterator[float]:
    """The worst value of a signal in each second of the load, in seconds.

    "lag" is the event-loop lag: a loop that stands still for a whole second reports nothing in it, which is no good sign.
    "health" and "price" are the longest request time of a route, and a request without a good answer never ends.
    """
    found: dict[int, float] = {}
    if signal == "lag":
        readings = [(sample.time, sample.value) for sample in run.samples(names.LOOP_LAG, "page")]
    else:
        endpoint = {"health": FAST, "price": SLOW}[signal]
        readings = [(r.intended, waited(r) if r.ok else inf) for r in requests(run, endpoint)]
    for at, value in readings:
        found[int(at)] = max(found.get(int(at), 0.0), value)
    return (found.get(second, inf if signal == "lag" else 0.0) for second in range(int(run.info.load_s)))


def fires_at(run: Run, signal: str, above_ms: float, for_s: float) -> float | None:
    """The second at which a signal has been over `above_ms` in each of `for_s` seconds; None if it never is."""
    return stats.lasts((value > above_ms / 1000 for value in worst(run, signal)), for_s)
