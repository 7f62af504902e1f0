"""What a run of this lab says, in numbers. All of it was seen on the wire, or comes from services that run no repair.

Times are seconds of the run; windows are half open, [start, end).
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from labs.kit import Run, names, record, stats
from labs.lab08_workers.rendering import BUFFER_BYTES
from labs.lab08_workers.scenarios import BACKUP_S, PARTNER_S

WORK = "shop->partner"
ORDER, STATUS, HEALTH = "POST /invoices", "GET /status", "GET /health"
UNDER_WAY_S = BACKUP_S + 0.02
"""An order that was sent so shortly before a kill and never answered may be lost: nobody said yes to it."""

TOLD_S = 1.0
"""So long after the partner has answered, the status is "delivered". Of eleven right repairs none says "accepted" later than
that, in the 60 times or more in which the load asks for an order on its way."""


def is_order(request: record.Request) -> bool:
    """Is it an order of the load?"""
    return request.endpoint.startswith(ORDER)


def orders(run: Run, start: float = 0.0, end: float | None = None) -> list[record.Request]:
    """The orders that were due in the window."""
    return [r for r in stats.user_requests(run, start, end) if is_order(r)]


def cheap(run: Run, start: float = 0.0, end: float | None = None) -> list[record.Request]:
    """The requests for health and status that were due in the window."""
    return [r for r in stats.user_requests(run, start, end) if not is_order(r)]


def soon(requests: list[record.Request], limit_s: float) -> float:
    """Share of the requests that were answered within `limit_s`; 1 if there are none. 404 is an answer, 5xx is none."""
    answered = [r for r in requests if r.latency is not None and r.latency <= limit_s and 200 <= r.status < 500]
    return len(answered) / len(requests) if requests else 1.0


@dataclass(frozen=True)
class Arrival:
    """An invoice that reached the partner for the first time under its key. `right`: it is what it should be."""

    order: str
    at: float
    right: bool


def arrivals(run: Run) -> list[Arrival]:
    """All deliveries, in order of time, by the partner's own log."""
    logged = stats.logged(run, "partner", "delivered")
    return [Arrival(log.request_id, log.time, bool(told["right"])) for log, told in logged]


def delivered(run: Run) -> dict[str, float]:
    """When the invoice of each order was delivered first."""
    return {arrival.order: arrival.at for arrival in reversed(arrivals(run))}


def pace(run: Run, start: float, end: float) -> float:
    """Different orders whose invoices were delivered in the window, a second; 0 if a run ended before it."""
    if end <= start:
        return 0.0
    return sum(start <= at < end for at in delivered(run).values()) / (end - start)


def ways(run: Run, end: float) -> list[float]:
    """For each order of the first `end` seconds: seconds from when it was due until its invoice was at the partner."""
    first, never = delivered(run), run.info.seconds
    return [first.get(r.request_id, never) - r.intended for r in orders(run, 0.0, end)]


def calls_each(run: Run) -> float:
    """Calls of the partner for each order that was delivered; 1 if nothing is done twice."""
    return len(run.requests(WORK)) / max(1, len(delivered(run)))


def kill_times(run: Run) -> list[float]:
    """When the shop's process was killed."""
    return [e.time for e in run.events(names.FAULT_ON) if e.detail.startswith("Kill")]


def down_times(run: Run) -> list[tuple[float, float]]:
    """From when to when nobody was there after a kill. Live, the record says when the next process could be reached."""
    kind = names.RESTART if run.info.world == "live" else names.FAULT_OFF
    backs = [e.time for e in run.events(kind) if e.subject == "shop"]
    return [(at, min((back for back in backs if back >= at), default=run.info.seconds)) for at in kill_times(run)]


def taken_in(run: Run) -> list[record.Request]:
    """The orders that reached the shop and were not refused; not those under way when it was killed."""
    downs = down_times(run)

    def unlucky(request: record.Request) -> bool:
        return not request.ok and any(at - UNDER_WAY_S < request.sent < back for at, back in downs)

    return [r for r in orders(run) if r.error_type != "refused" and r.status != 503 and not unlucky(r)]


def lost(run: Run) -> list[record.Request]:
    """The orders that were taken in and whose invoices never reached the partner."""
    arrived = delivered(run)
    return [r for r in taken_in(run) if r.request_id not in arrived]


def unheard(run: Run) -> list[record.Request]:
    """The orders that were taken in and heard no yes."""
    return [r for r in taken_in(run) if not r.ok]


def twice(run: Run) -> list[str]:
    """The orders of which more than one invoice was delivered."""
    counted = Counter(arrival.order for arrival in arrivals(run))
    return [order for order, times in counted.items() if times > 1]


def ordered(run: Run) -> dict[str, float]:
    """When each order was sent first, by the load or by the auditor."""
    sent = {r.endpoint.rpartition("/")[2]: r.sent for r in reversed(run.requests("auditor->shop")) if is_order(r)}
    return {**sent, **{r.request_id: r.sent for r in orders(run)}}


def false_statuses(run: Run) -> dict[str, int]:
    """The answers to requests for a status that cannot be true, by what is wrong with them.

    With kills only the first kind is counted: an order may be lost then, which `lost` counts, or done and not noted.
    """
    first, yes = delivered(run), {r.request_id: r.done for r in orders(run) if r.ok and r.done is not None}
    whole = not kill_times(run)
    audited_wrong = sum(status == 200 and order not in first for order, status in audited(run).items())
    false = {"false_status": audited_wrong, "not_known": 0, "not_told": 0}
    for r in cheap(run):
        order = r.endpoint.rpartition("/")[2]
        arrived = first.get(order, run.info.seconds)
        if r.endpoint.startswith(STATUS) and r.done is not None:
            false["false_status"] += r.status == 200 and arrived > r.done
            false["not_known"] += whole and r.status == 404 and yes.get(order, run.info.seconds) < r.sent
            false["not_told"] += whole and r.status == 202 and arrived + PARTNER_S + TOLD_S < r.sent
    return false


def forgotten(run: Run) -> list[str]:
    """The orders whose invoices the partner had, and of which the shop said "unknown" when the auditor asked at the end."""
    arrived = delivered(run)
    return [order for order, status in audited(run).items() if status == 404 and order in arrived]


def turned_away(run: Run) -> list[str]:
    """The orders that heard yes once, and another time no."""
    said = [(r.request_id, r.status) for r in orders(run) if r.ok] + told_the_auditor(run)
    yes = {order for order, status in said if status in range(200, 300)}
    return sorted({order for order, status in said if order in yes and status >= 400})


def told_the_auditor(run: Run) -> list[tuple[str, int]]:
    """What was answered to each order that the auditor sent: (order, status), 0 without an answer."""
    return [(log.request_id, int(told["status"])) for log, told in stats.logged(run, "auditor", "ordered")]


def promised(run: Run) -> list[str]:
    """The orders of the auditor that heard yes, and whose invoices never reached the partner."""
    arrived = delivered(run)
    return sorted({order for order, status in told_the_auditor(run) if status == 202 and order not in arrived})


def failed(run: Run) -> list[str]:
    """The orders of the auditor that were answered with an error, and whose invoices never reached the partner."""
    arrived = delivered(run)
    return sorted({order for order, status in told_the_auditor(run) if status >= 500 and order not in arrived})


def cut_off(run: Run) -> list[record.Request]:
    """The calls of the partner that ended without an answer; not those still under way when the run ended."""
    return [r for r in run.requests(WORK) if not r.ok and r.done is not None]


def audited(run: Run) -> dict[str, int]:
    """What the shop said of each order when the auditor asked at the end: 200 delivered, 202 accepted, 404 unknown."""
    return {log.request_id: int(told["status"]) for log, told in stats.logged(run, "auditor", "audit")}


def known_of_none(run: Run) -> bool:
    """Did the shop answer anything but "unknown", which is 404, of an order which nobody had ordered?"""
    return any(told["status"] in (200, 202, 500) for _, told in stats.logged(run, "auditor", "never ordered"))


def pages_held(run: Run, start: float, end: float) -> float:
    """Invoices in the making at once, on average, by the memory that the process of the shop holds: 8 MB each."""
    held = [s.value for s in run.samples(names.MEMORY, "shop") if start <= s.time < end]
    return sum(held) / len(held) / BUFFER_BYTES if held else 0.0


def in_flight(run: Run, start: float, end: float) -> float:
    """Calls of the partner under way, on average."""
    return stats.mean_in_flight(run, WORK, start, end)
