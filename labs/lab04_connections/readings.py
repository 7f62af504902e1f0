"""What a run of this lab says, in numbers. Everything comes from the wire, the front, the partner or the database."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from labs.kit import Run, names, record, stats
from labs.lab04_connections.scenarios import (
    CALM_AT_S,
    LEAVE_AT_S,
    LEAVE_UNTIL_S,
    LOAD_S,
    NO_WITHIN_S,
    OUTAGE_LOAD_S,
    PEAK_AT_S,
    REPORT_AT_S,
    RESTART_AT_S,
    SLOW_AT_S,
    SLOW_UNTIL_S,
    WORKERS,
)

PROPER_S = 1.0
"""An order that is answered later than this was not served."""
SETTLED_S = 0.6
"""After the peak, what came in it has been dealt with by then."""
LAST_S = 0.5
"""The end of a run: what is still there throughout it is there to stay."""
SETTLES_S = 0.1
"""Once the partner has fallen silent, orders that had their price have left the gaps between two statements by then."""
LATEST_ASKED_S = 0.9
"""Orders that come later than this before the end of the report may still be waiting when it ends."""
BACK_FOR_S, LEAST_S = 0.6, 0.5
"""Orders are looked at so long after the database is back, and for so long at least."""

Window = tuple[float, float]
"""From and until, in seconds of the run: the orders that were due in it."""
CALM_WINDOW = (0.0, PEAK_AT_S)
PEAK_WINDOW = (PEAK_AT_S + 1.0, REPORT_AT_S - 0.6)
REPORT_WINDOW = (REPORT_AT_S, CALM_AT_S - LATEST_ASKED_S)
LEFT_WINDOW = (LEAVE_UNTIL_S + SETTLED_S, OUTAGE_LOAD_S)
LAST_WINDOW = (CALM_AT_S + SETTLED_S, LOAD_S)


@dataclass(frozen=True)
class Answer:
    """What the front got for one order. `body` is the JSON, or {} if it was none."""

    name: str
    status: int
    worker: str
    body: Mapping[str, Any]


def answers(run: Run) -> list[Answer]:
    """Every answer of a worker, as the front got it."""
    seen = (told for _, told in stats.logged(run, "front", "answer"))
    return [Answer(told["name"], told["status"], told["worker"], _object(told["body"])) for told in seen]


def _object(text: str) -> Mapping[str, Any]:
    """The repair's own words: a JSON object, or nothing."""
    try:
        found = json.loads(text)
    except ValueError:
        return {}
    return found if isinstance(found, dict) else {}


@dataclass(frozen=True)
class Books:
    """What database and partner wrote down: who got which number at which price, and who got none."""

    rows: set[tuple[str, int, int]]
    sold_out: set[str]
    prices: set[tuple[str, int]]
    priceless: set[str]


def books(run: Run) -> Books:
    """The books of a run. The rows are those that are in the table at its end: what was rolled back is not."""
    rows = {(row["name"], row["number"], row["price"]) for _, row in stats.logged(run, "database", "row")}
    sold_out = {found[1] for log in run.logs("database") if (found := re.fullmatch(r"sold out: (\S+)", log.event))}
    told = [price for _, price in stats.logged(run, "partner", "price")]
    prices = {(price["name"], price["price"]) for price in told if price["price"] is not None}
    return Books(rows, sold_out, prices, {price["name"] for price in told if price["price"] is None})


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


def served(request: record.Request, kept: Books) -> bool:
    """Was it answered in time, and rightly: taken; or sold out, or without a price, where that is so?"""
    if request.latency is None or request.latency > PROPER_S:
        return False
    if request.status == 200:
        return True
    name = request.request_id
    return (request.status == 409 and name in kept.sold_out) or (request.status == 502 and name in kept.priceless)


def share_served(run: Run, window: Window) -> float:
    """Share, 0 to 1, of the orders due in the window that were served; 0 if none was due."""
    kept, due = books(run), stats.user_requests(run, *window)
    return sum(served(r, kept) for r in due) / len(due) if due else 0.0


def served_after(run: Run) -> float:
    """Percent of the orders that were served after the peak. Raises ValueError for a scenario that has none."""
    if run.info.scenario != "peak":
        raise ValueError(f"the scenario {run.info.scenario!r} has no peak; only 'peak' has")
    return 100 * share_served(run, LAST_WINDOW)


def statuses(run: Run, window: Window) -> Counter[str]:
    """How the orders due in the window ended: {"200": 12, "timeout": 3}."""
    return Counter(stats.outcome(request) for request in stats.user_requests(run, *window))


def peak_connections(run: Run) -> int:
    """The most sessions that the workers had at the server, counted by the server at each beginning and end."""
    return int(max((s.value for s in run.samples(names.CONNECTIONS, "database")), default=0.0))


def refusals(run: Run) -> int | None:
    """How many sessions the server refused for want of room, up to the run's end; None where it could not be asked."""
    counted = [s.value for s in run.samples(names.REFUSED_CONNECTIONS, "database") if s.time <= run.info.seconds]
    return int(max(counted)) if counted else None


def first_refusal(run: Run) -> float | None:
    """The second of the run in which the server first refused a session; None if it never did, or cannot tell."""
    return min((s.time for s in run.samples(names.REFUSED_CONNECTIONS, "database") if s.value > 0), default=None)


def stuck_transactions(run: Run) -> int:
    """Sessions in a transaction in which nothing happens, at the end of the run."""
    return int(min(_last(run, names.IN_TRANSACTION, "database"), default=0.0))


CANCELED = "57014"
"""PostgreSQL's code of a statement that its client has canceled."""


def halves(run: Run) -> list[str]:
    """The orders of which only a part is in the database at the end: a number without a price."""
    return [row["name"] for _, row in stats.logged(run, "database", "row") if row["price"] is None]


def held_for_partner(run: Run) -> int:
    """The most sessions that the workers held although no order had a price: while the partner answered nobody.

    Before the restart, those in a transaction in which nothing happens, without those of orders that were lost before, or
    may be since: an order that had its price and was sold out. After it, all that were opened meanwhile.
    """
    sitting = run.samples(names.IN_TRANSACTION, "database")
    before = [s for s in sitting if s.time <= SLOW_AT_S]
    lost = max((s.value for s in before), default=0.0)
    seen = max((s.time for s in before), default=0.0)
    lost += sum(log.event.startswith("sold out: ") and seen < log.time < RESTART_AT_S for log in run.logs("database"))
    since = [s.value - lost for s in sitting if SLOW_AT_S + SETTLES_S <= s.time < RESTART_AT_S]
    opened = [s.value for s in run.samples(names.CONNECTIONS, "database") if back_at(run) <= s.time < SLOW_UNTIL_S]
    return int(max([0.0, *since, *opened]))


def statements_canceled(run: Run) -> int:
    """How many statements the workers canceled while the report ran."""
    logs = run.logs("database")
    return sum(log.error_type == CANCELED and REPORT_AT_S <= log.time < CALM_AT_S + SETTLED_S for log in logs)


def ended_by_client(order: record.Request) -> bool:
    """Was it answered with an error after so long a wait that it can have had a connection?"""
    return order.status == 500 and order.latency is not None and order.latency >= NO_WITHIN_S


def descriptor_growth(run: Run) -> int:
    """How many more files and sockets a worker holds open at the end than in its first second; of the worse one."""
    grown = []
    for worker in WORKERS:
        first = [s.value for s in run.samples(names.DESCRIPTORS, worker) if s.time < 1.0]
        last = _last(run, names.DESCRIPTORS, worker)
        if first and last:
            grown.append(int(min(last) - min(first)))
    return max(grown, default=0)


def _last(run: Run, signal: str, host: str) -> list[float]:
    end = run.info.seconds
    return [s.value for s in run.samples(signal, host) if end - LAST_S <= s.time <= end]


def back_at(run: Run) -> float:
    """The second at which the database took sessions again after its restart; the end of the run if it never did."""
    return max((log.time for log in run.logs("database") if log.event == "ready"), default=run.info.seconds)


def restart_window(run: Run) -> Window:
    """The orders that a restart of the database is judged by: from a moment after all is back until customers leave."""
    return min(max(back_at(run), SLOW_UNTIL_S) + BACK_FOR_S, LEAVE_AT_S - LEAST_S), LEAVE_AT_S


def most_at_partner(run: Run) -> int:
    """The most requests of both workers that the partner had at once, by its own count."""
    return int(max((s.value for s in run.samples(names.ACTIVE_REQUESTS, "partner")), default=0.0))
