"""Readings of the record, measured between the processes: pages shown, calls to pricing."""

from __future__ import annotations

from itertools import pairwise

from lab20_stampede.scenarios import SALE_AT_S
from labs.kit import Run, stats

LINK = "shop->pricing"


def sale_success(run: Run) -> float:
    """The share of the sale's pages that were shown; without a sale, the share of all pages."""
    return stats.success_rate(run, SALE_AT_S if run.info.scenario == "sale" else 0.0)


def most_at_once(run: Run) -> int:
    """The largest number of calls to pricing in flight at once."""
    moments: list[tuple[float, int]] = []
    for call in run.requests(LINK):
        moments += [(call.intended, 1), (run.info.seconds if call.done is None else call.done, -1)]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def longest_gap(run: Run) -> float:
    """The longest time, in seconds of the load, without an answer from pricing for which the shop still waited."""
    answered = sorted(r.done for r in run.requests(LINK) if r.done is not None and r.status == 200)
    times = [0.0, *(t for t in answered if t < run.info.load_s), run.info.load_s]
    return max(b - a for a, b in pairwise(times))
