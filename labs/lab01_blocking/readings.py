"""What the record of a run says of the page: request times of a route, prices at the supplier, the probe's answers."""

from __future__ import annotations

import json
from dataclasses import dataclass
from math import inf

from labs.kit import Run, record, stats
from labs.lab01_blocking.scenarios import AT_WORK, OUTAGE_AT_S, OUTAGE_S

FAST, SLOW = "GET /health", "GET /price"
LINK = "page->supplier"
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
