"""What the record of a run says: request times of a route, calls on the wire, charges, product pages, trouble.

Everything here comes from the load, from the wire, or from services that do not run the repair.
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import inf

from labs.kit import Run, record, stats
from labs.lab05_timeouts.scenarios import PATIENCE_S, words

CHECKOUT, SEARCH, PRODUCT = "POST /checkout", "GET /search", "GET /product"
LINKS = {name: f"storefront->{name}" for name in ("payments", "search", "recommendations")}
OPTIONAL = LINKS["recommendations"]
HEALTHY = (CHECKOUT, SEARCH)
"""The routes that need nothing of recommendations."""


def requests(run: Run, endpoints: Iterable[str], start: float = 0.0, end: float | None = None) -> list[record.Request]:
    """The load's requests of some routes that were due in the window."""
    return [r for r in stats.user_requests(run, start, end) if r.endpoint in endpoints]


def waited(request: record.Request) -> float:
    """Seconds a request took from when it was due; `inf` without an answer: to give up is none."""
    return inf if request.latency is None or request.status == 0 else request.latency


def times(run: Run, endpoints: Iterable[str], start: float = 0.0, end: float | None = None) -> list[float]:
    """record.Request times of some routes, ascending."""
    return sorted(waited(r) for r in requests(run, endpoints, start, end))


def in_time(run: Run, endpoints: Iterable[str], limit_s: float, start: float = 0.0, end: float | None = None) -> float:
    """Share of the requests of some routes that were answered 200 within `limit_s`; 0 without any."""
    asked = requests(run, endpoints, start, end)
    return sum(r.ok and waited(r) <= limit_s for r in asked) / max(1, len(asked))


def trouble(run: Run) -> tuple[float, float]:
    """When a service was in trouble, as that service told it: from, until. The whole load where none was."""
    told = {log.event: json.loads(log.fields)["at"] for log in run.logs() if log.host in LINKS and "trouble" in log.event}
    return told.get("trouble on", 0.0), told.get("trouble off", run.info.load_s)


@dataclass(frozen=True)
class Charge:
    """One request that payments worked on: `given` are the seconds that its caller gave, None if it did not say; `key_of` is
    the order that its Idempotency-Key came with first."""

    order: str
    begun: float
    ended: float
    given: float | None
    charged: bool
    key_of: str


def charges(run: Run) -> list[Charge]:
    """What payments logged, in the order it ended; payments does not run the repair, so this can be believed."""
    return [
        Charge(log.request_id, told["begun"], log.time, told["given"], told["charged"], told["key_of"])
        for log, told in stats.logged(run, "payments", "charge")
    ]


def times_charged(run: Run) -> Counter[str]:
    """How often money moved for each order."""
    return Counter(charge.order for charge in charges(run) if charge.charged)


def refused(run: Run) -> list[record.Request]:
    """The checkouts that were answered with an error while their customer still waited."""
    return [r for r in requests(run, (CHECKOUT,)) if r.status >= 400]


def for_nobody(run: Run) -> dict[str, float]:
    """Seconds that payments worked on each order after its customer had left, or had been answered with an error.

    Work on an unknown order is for nobody from its beginning.
    """
    told_no = {r.request_id: r.done for r in refused(run)}
    leaves = {r.request_id: told_no.get(r.request_id) or r.intended + PATIENCE_S for r in requests(run, (CHECKOUT,))}
    spent: defaultdict[str, float] = defaultdict(float)
    for charge in charges(run):
        spent[charge.order] += max(0.0, charge.ended - max(charge.begun, leaves.get(charge.order, 0.0)))
    return {order: seconds for order, seconds in spent.items() if seconds > 0}


def invented(run: Run) -> list[record.Request]:
    """The searches that were answered though the search service had never sent what it found for these words by then.

    What it sent to an earlier customer with the same words counts: a repair may keep results.
    """
    return _unfound(run, [r for r in requests(run, (SEARCH,)) if r.ok])


def stands_in(run: Run) -> list[record.Request]:
    """The searches that were answered though each call to the search service for them failed: with an earlier result.

    What the service sent to anybody with the same words while the customer waited counts: two may share one call.
    """
    calls: defaultdict[str, list[bool]] = defaultdict(list)
    for call in run.requests(LINKS["search"]):
        calls[call.request_id].append(call.ok)
    failed = {name for name, ok in calls.items() if not any(ok)}
    answered = [r for r in requests(run, (SEARCH,)) if r.ok and r.request_id in failed]
    return _unfound(run, answered, meanwhile=True)


def _unfound(run: Run, answered: list[record.Request], meanwhile: bool = False) -> list[record.Request]:
    """Those of the searches whose words the search service had answered to nobody by then; or not since they were sent."""
    found: defaultdict[str, list[float]] = defaultdict(list)
    for log, told in stats.logged(run, "search", "found"):
        found[told["words"]].append(log.time)
    windows = [(r, r.sent - stats.CLOCK_S if meanwhile else 0.0, (r.done or inf) + stats.CLOCK_S) for r in answered]
    return [r for r, start, end in windows if not any(start <= at <= end for at in found[words(r.request_id)])]


@dataclass(frozen=True)
class Page:
    """What the probe got for one product page: `shown` is whether it holds what was named for that very product, ever;
    `strange` is whether it holds anything else."""

    sent: float
    done: float
    status: int
    well_formed: bool
    shown: bool
    strange: bool


def pages(run: Run) -> list[Page]:
    """The probe's pages, in the order they were asked for."""
    named = {(told["sku"], told["first"]) for _, told in stats.logged(run, "recommendations", "named")}
    found = []
    for log, told in stats.logged(run, "probe", "page"):
        items = _items(told["body"], told["sku"])
        holds = told["status"] == 200 and bool(items)
        shown = holds and items is not None and (told["sku"], items[0]) in named
        found.append(Page(told["sent"], log.time, told["status"], items is not None, shown, holds and not shown))
    return sorted(found, key=lambda page: page.sent)


def _items(body: str, sku: str) -> list[str] | None:
    """What a page recommends; None if it is not the page of that product, in the form that broken.py gives it."""
    try:
        page = json.loads(body)
        items = page["recommended"]
    except (ValueError, TypeError, KeyError, RecursionError):
        return None
    if page.get("sku") != sku or not isinstance(items, list) or not all(isinstance(item, str) for item in items):
        return None
    return items


def share_shown(run: Run, start: float = 0.0, end: float | None = None) -> float:
    """Share of the probe's pages of the window that showed recommendations; 0 without pages."""
    end = run.info.load_s if end is None else end
    asked = [page for page in pages(run) if start <= page.sent < end]
    return sum(page.shown for page in asked) / max(1, len(asked))
