"""The pairs of faults: each harmless alone, together an outage. A variant of the evening is made of one of them.

A change is (second, service, policy, value, text); one with a text is seen as a deploy. The trigger X comes at 0 here, and
is moved to its onset; what was deployed, Y, comes with a lead before it.
"""

from __future__ import annotations

from dataclasses import dataclass

Change = tuple[float, str, str, float, str]

KINDS = (
    "added_work", "blocked_loop", "capacity_lost", "dependency_errors", "dependency_slow", "index_lost", "lost_places",
    "n_plus_one", "no_cache", "pool_too_small", "queue_without_bound", "retries_without_brake", "surge", "synchronous_copy",
    "timeout_too_long", "timeout_too_short",
)  # fmt: skip
"""What a cause may be called in an answer."""


@dataclass(frozen=True)
class Fault:
    """One of a pair: what changes, what kind of cause that is, and in which service."""

    changes: tuple[Change, ...]
    kind: str
    where: str


@dataclass(frozen=True)
class Pair:
    """X comes at the onset, Y was deployed before. `herring` names which of HERRINGS may go with them."""

    x: Fault
    y: Fault
    herring: str


HERRINGS: dict[str, tuple[Change, ...]] = {
    "recs": ((0.0, "recs", "MS", 170.0, "recs 7.2: larger model"), (0.0, "recs", "ERRORS", 0.4, "")),
    "store": (
        (0.0, "store", "WRITE_MS", 220.0, "store: settings of the write-ahead log"),
        (0.0, "store", "WRITE_ERRORS", 0.4, ""),
    ),
}
"""Loud and harmless."""

PAIRS: dict[str, Pair] = {
    "stall_retries": Pair(
        Fault(((0.0, "bank", "STANDS", 1, ""), (3.0, "bank", "STANDS", 0, "")), "capacity_lost", "bank"),
        Fault(
            ((0.0, "orders", "ATTEMPTS", 5, "orders 5.1: declined charges are tried again"),),
            "retries_without_brake",
            "orders",
        ),
        "recs",
    ),
    "index_check": Pair(
        Fault(((0.0, "store", "INDEX", 0, "store: migration 0117, items rebuilt"),), "index_lost", "store"),
        Fault(((0.0, "payments", "CHECK", 1, "payments 3.4: fraud check"),), "added_work", "payments"),
        "recs",
    ),
    "index_n_plus_one": Pair(
        Fault(((0.0, "store", "INDEX", 0, "store: migration 0117, items rebuilt"),), "index_lost", "store"),
        Fault(((0.0, "catalog", "READS", 5, "catalog 9.3: similar items on the page"),), "n_plus_one", "catalog"),
        "recs",
    ),
    "slow_bank_timeout": Pair(
        Fault(((0.0, "bank", "MS", 80.0, ""),), "capacity_lost", "bank"),
        Fault(
            (
                (0.0, "orders", "TIMEOUT_S", 0.12, "orders 5.2: fail fast, then once more"),
                (0.0, "orders", "ATTEMPTS", 2, ""),
            ),
            "timeout_too_short",
            "orders",
        ),
        "recs",
    ),
    "recs_timeout": Pair(
        Fault(((0.0, "recs", "MS", 2500.0, "recs 7.2: larger model"),), "dependency_slow", "recs"),
        Fault(
            ((0.0, "catalog", "RECS_TIMEOUT_S", 5.0, "catalog 9.4: client library 2, default timeouts"),),
            "timeout_too_long",
            "catalog",
        ),
        "store",
    ),
    "recs_leak": Pair(
        Fault(((0.0, "recs", "ERRORS", 0.35, "recs 7.2: larger model"),), "dependency_errors", "recs"),
        Fault(
            ((0.0, "catalog", "LEAK", 1, "catalog 9.5: early return when there are no recommendations"),),
            "lost_places",
            "catalog",
        ),
        "store",
    ),
    "recs_places": Pair(
        Fault(((0.0, "recs", "MS", 190.0, "recs 7.2: larger model"),), "dependency_slow", "recs"),
        Fault(((0.0, "catalog", "RECS_PLACES", 1, "catalog 9.6: one connection to recs"),), "pool_too_small", "catalog"),
        "store",
    ),
    "sync_pool": Pair(
        Fault(((0.0, "store", "SYNC", 1, "store: durable commits"),), "synchronous_copy", "store"),
        Fault(((0.0, "orders", "CONNECTIONS", 6, "orders 5.3: smaller connection pool"),), "pool_too_small", "orders"),
        "recs",
    ),
}
