"""The diagnosis of lab05: what is full, what fills it, and what a timeout must be."""

from __future__ import annotations

from typing import Any

from labs.kit import Diagnosis, choice, free, is_number, number, whole

PHASES = ("a place in the pool", "a connection", "the head of the answer", "the rest of the answer")
LINE = 19  # of the cell: aiohttp.ClientSession without a timeout

SHORTEST_S = {"payments": (0.28, 0.42), "search": (0.19, 0.3), "recommendations": (0.11, 0.18)}
"""From p99.9 in the table of healthy answers to about a half more: what counts as a service's shortest timeout."""


def is_timeouts(answer: Any) -> bool:
    """One number of seconds for each service."""
    return isinstance(answer, dict) and answer.keys() == SHORTEST_S.keys() and all(map(is_number, answer.values()))


DIAGNOSIS = Diagnosis(
    questions=(
        whole(
            "places", "calls that one session of aiohttp has under way at once, at most, by default", 100,
            why="TCPConnector(limit=100), over all hosts together; on the wire, 100 calls to recommendations and no more.",
        ),
        choice(
            "waits_for", "what checkouts wait for at second 8", PHASES, PHASES[0],
            why="In the table of waiting calls, those to payments all wait for a place; calls to recommendations hold them.",
        ),
        number(
            "held_s", "for how many seconds one unanswered call holds its place: aiohttp's default", 300, 300,
            why="ClientTimeout(total=300): five minutes, counted from the start of the call.",
        ),
        number(
            "places_needed",
            "places that calls to recommendations hold on average while it hangs, with a timeout of 0.3 s for"
            " recommendations (25 product pages a second)",
            7, 8,
            why="Little's law: 25 calls a second x 0.3 s = 7.5 places.",
        ),
        free(
            "shortest_s",
            "for each service the shortest timeout, in seconds, that refuses no more than one healthy answer in a"
            " thousand: take p99.9 from the table of percentiles; up to one and a half times as long counts, too",
            '{"payments": seconds, "search": seconds, "recommendations": seconds}',
            is_timeouts,
            lambda a: all(low <= a[name] <= high for name, (low, high) in SHORTEST_S.items()),
            why="p99.9 of the table and a little room: 0.3 s for payments, 0.2 s or a little more for search, 0.12 s or a"
            " little more for recommendations. In a repair, longer ones pass, too, while they keep the promise; each tenth"
            " of a second for recommendations costs 2.5 places while it hangs.",
        ),
        whole(
            "line", "the line of the repair cell that makes the pool and sets no timeout", LINE,
            why="Without a timeout, ClientSession() waits for 300 s; without a connector, it has 100 places for all hosts.",
        ),
    ),
    points=2,
    hint="The table of waiting calls says what each service's calls wait for. For the places, multiply calls a second by the"
    " seconds each one holds its place.",
)  # fmt: skip

HINTS = (
    "Checkout does not need recommendations. What do a call to payments and a call to recommendations share?",
    "25 calls a second that nobody ends need 100 places after four seconds. Separate pools protect the others, a"
    " timeout frees the places: you need the timeout in any case, because the page waits, too.",
    "Choose a timeout from what is measured in health: above p99.9 of that service, below what the customer was promised."
    " Bound the whole call: aiohttp.ClientTimeout(total=...) or asyncio.timeout().",
    "Tell the service: headers={'X-Timeout-S': str(given)} with given = min(your timeout, visit.left()).",
    "Catch aiohttp.ClientError and TimeoutError round recommendations only, and show an empty list. A payment that failed"
    " must stay failed.",
)
