"""What the record of a run says: debits at the bank, orders confirmed at the end, the queue at payments.

All but the queue is measured outside of the repair: by the load, by the tap on the wire, and in the bank's ledger.
"""

from __future__ import annotations

import math
from collections import Counter

from labs.kit import Run, names, record, stats

TAIL_S = 8.0
LINK = "shop->payments"


def debits(run: Run) -> Counter[str]:
    """How often the bank moved money for each order; the bank does not run the repair, so this can be believed."""
    return Counter(event.subject for event in run.events("debit"))


def tail_success(run: Run) -> float:
    """Share of the orders of the last TAIL_S seconds of load that were confirmed."""
    return stats.success_rate(run, run.info.load_s - TAIL_S)


def charged_of_failed(run: Run, start: float = 0.0, end: float | None = None) -> tuple[int, int]:
    """Of the orders that arrived in [start, end) and failed: how many were charged by the end of the record, and all."""
    charged = debits(run)
    failed = [r.request_id for r in stats.user_requests(run, start, end) if not r.ok]
    return sum(charged[order] > 0 for order in failed), len(failed)


def charged_share(run: Run) -> float:
    """Of the orders that came in the stall and failed, how many were charged, in %: by the end of a record, all of them are
    decided in both worlds. Raises IndexError, ZeroDivisionError: there was no stall, or none failed in it.
    """
    charged, failed = charged_of_failed(run, run.events(names.FAULT_ON)[0].time, stall_end(run))
    return 100 * charged / failed


def came_last(run: Run) -> float:
    """In `lull`, the share of the third orders that were confirmed: each comes as the bank's stall ends."""
    orders = sorted(stats.user_requests(run), key=lambda r: r.intended)[2::3]
    return sum(r.ok for r in orders) / len(orders)


def retries(run: Run, start: float, end: float = math.inf) -> int:
    """How many attempts in the window were not the first on their order."""
    sent = sorted(run.requests(LINK), key=lambda r: r.sent)
    first = {attempt.request_id: attempt.sent for attempt in reversed(sent)}
    return sum(start <= attempt.sent < end and attempt.sent > first[attempt.request_id] for attempt in sent)


def stall_end(run: Run) -> float:
    """When the bank came back."""
    return run.events(names.FAULT_OFF)[0].time


def depth(run: Run, start: float, end: float) -> float:
    """Jobs that wait at payments, averaged over the samples in [start, end); nan without samples."""
    found = [s.value for s in depths(run, start, end)]
    return sum(found) / len(found) if found else math.nan


def confirmed_unpaid(run: Run) -> list[str]:
    """The orders that were confirmed before the bank had moved the money, or although it never did."""
    paid: dict[str, float] = {}
    for event in run.events("debit"):
        paid.setdefault(event.subject, event.time)
    return [
        r.request_id for r in run.requests() if r.ok and paid.get(r.request_id, math.inf) > (r.done or 0.0) + stats.CLOCK_S
    ]


def charged_uncalled(run: Run) -> int:
    """By how many the orders that the bank charged outnumber the calls of payments that were seen on the wire."""
    return max(0, len(debits(run)) - len(run.requests(LINK)))


def depths(run: Run, start: float, end: float) -> list[record.Sample]:
    """What payments says of its queue in [start, end). It runs the repair: good for messages, never for points."""
    return [s for s in run.said.samples(names.QUEUE_DEPTH, "payments") if start <= s.time < end]


def offer_slipped(run: Run) -> bool:
    """Did payments log that offer() returned None, as after a forgotten `return True`?"""
    return any(log.event.startswith("WorkQueue.offer returned None") for log in run.said.logs("payments"))


def fires_at(run: Run, above: float, for_s: float) -> float | None:
    """The second at which attempts an order have stayed above `above` for `for_s` seconds; None if they never do."""

    def over(second: int) -> bool:
        orders = len(stats.user_requests(run, second, second + 1))
        return orders > 0 and stats.attempts(run, LINK, second, second + 1) / orders > above

    return stats.lasts(map(over, range(int(run.info.load_s))), for_s)


def half_way(run: Run, order: str) -> bool:
    """Had the bank done some of this failed order's four attempts when the record ended, and not all?"""
    failed = any(r.request_id == order and not r.ok for r in run.requests())
    return failed and 0 < debits(run)[order] < 4


def at_once(run: Run, order: str) -> bool:
    """Was this order confirmed with its only attempt?"""
    confirmed = any(r.request_id == order and r.ok for r in run.requests())
    return confirmed and sum(attempt.request_id == order for attempt in run.requests(LINK)) == 1
