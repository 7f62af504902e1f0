"""What the record says, measured between the processes: pages that were shown, calls to pricing."""

from __future__ import annotations

from itertools import pairwise

from lab20_stampede.scenarios import SALE_AT_S
from labs.kit import Run, stats

LINK = "shop->pricing"


def sale_success(run: Run) -> float:
    """Share of the pages of the sale that were shown; of all, where there is no sale."""
    return stats.success_rate(run, SALE_AT_S if run.info.scenario == "sale" else 0.0)


def most_at_once(run: Run) -> int:
    """The most calls to pricing that were in flight at once."""
    moments: list[tuple[float, int]] = []
    for call in run.requests(LINK):
        moments += [(call.intended, 1), (run.info.seconds if call.done is None else call.done, -1)]
    most = now = 0
    for _, change in sorted(moments):
        now += change
        most = max(most, now)
    return most


def longest_gap(run: Run) -> float:
    """The longest time in the load, in seconds, without an answer of pricing that the shop waited for."""
    answered = sorted(r.done for r in run.requests(LINK) if r.done is not None and r.status == 200)
    times = [0.0, *(t for t in answered if t < run.info.load_s), run.info.load_s]
    return max(b - a for a, b in pairwise(times))
