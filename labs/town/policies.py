"""The policies of the town: constants by service, and a few small functions. A lab, a repair or an operator changes them.

Names end in their unit where they have one; a switch is 0 or 1. What a service goes by, the later before the earlier:
DEFAULTS; the scenario's settings under "policies"; the dict POLICIES of a repair, in a service that runs one; the scenario's
changes when their time has come; what an operator sets.
"""

from __future__ import annotations

from collections.abc import Mapping

DEFAULTS: Mapping[str, Mapping[str, float]] = {
    "gateway": {
        "TIMEOUT_S": 2.0,  # the longest wait for catalog or orders
    },
    "catalog": {
        "CACHE_S": 10.0,  # an item is kept so long; 0 for no cache
        "READS": 1,  # of the store for a page, where the item is not in the cache; those after the first are never kept
        "STORE_TIMEOUT_S": 1.0,
        "RECS": 1,  # ask for recommendations at all
        "RECS_TIMEOUT_S": 0.2,  # then the page goes out without them
        "RECS_PLACES": 20,  # calls of recs at once; who finds none free waits for one
        "LEAK": 0,  # a call of recs that failed does not give its place back
    },
    "orders": {
        "ATTEMPTS": 1,  # of a charge
        "PAUSE_S": 0.0,  # before the second attempt; twice as long before each later one
        "BUDGET": 1.0,  # retries that each first attempt pays for: with 0.1, one retry for ten orders
        "TIMEOUT_S": 0.8,  # of one attempt
        "STORE_TIMEOUT_S": 1.5,
        "CONNECTIONS": 100,  # to the store and payments together
    },
    "payments": {
        "BOUND": 0,  # charges that may wait; the next one is refused. 0 for no bound
        "CHECK": 0,  # read the customer's history in the store before each charge
    },
    "store": {
        "PLACES": 4,  # statements at once
        "INDEX": 1,  # without it, a read looks at each row
        "READ_MS": 3.0,
        "SCAN_MS": 120.0,
        "WRITE_MS": 3.0,
        "SYNC": 0,  # a write waits for the second replica
        "SYNC_MS": 900.0,
    },
    "recs": {
        "MS": 10.0,
        "TAIL_MS": 350.0,  # one answer in fifty takes so long
        "ERRORS": 0.01,  # the share of answers that are 500
    },
    "bank": {
        "MS": 39.0,  # of one charge, one at a time: 25 a second with the way there and back
        "STANDS": 0,  # takes nothing up
        "ERRORS": 0.05,  # declined with 500, at once
    },
}
"""What each service goes by if nobody has said otherwise."""

SETTABLE: Mapping[str, Mapping[str, tuple[float, float]]] = {
    "gateway": {"TIMEOUT_S": (0.05, 60)},
    "catalog": {
        "CACHE_S": (0, 600), "READS": (1, 20), "STORE_TIMEOUT_S": (0.05, 60), "RECS": (0, 1), "RECS_TIMEOUT_S": (0.01, 60),
        "RECS_PLACES": (1, 1000), "LEAK": (0, 1),
    },
    "orders": {
        "ATTEMPTS": (1, 10), "PAUSE_S": (0, 5), "BUDGET": (0, 10), "TIMEOUT_S": (0.05, 60), "STORE_TIMEOUT_S": (0.05, 60),
        "CONNECTIONS": (1, 1000),
    },
    "payments": {"BOUND": (0, 10_000), "CHECK": (0, 1)},
    "store": {"INDEX": (0, 1), "SYNC": (0, 1)},
}  # fmt: skip
"""What an operator may set, and from where to where."""

FREE_RETRIES = 3
"""A service that has just started may retry so often before the first order has paid for it."""


def pause_s(attempt: int, first_s: float) -> float:
    """The pause before an attempt, from the second on: `first_s`, doubled each time."""
    return first_s * 2.0 ** (attempt - 2)


def takes_in(waiting: int, bound: float) -> bool:
    """Does a queue take one more in, where so many wait? A bound of 0 is none."""
    return not bound or waiting < bound


class Budget:
    """Retries that first attempts have paid for."""

    def __init__(self) -> None:
        self._left = float(FREE_RETRIES)

    def earn(self, share: float) -> None:
        """A first attempt was made: it pays for this share of a retry. At most ten retries are kept."""
        self._left = min(10.0, self._left + share)

    def spend(self) -> bool:
        """May there be a retry now? If so, it is paid for."""
        if self._left < 1:
            return False
        self._left -= 1
        return True
