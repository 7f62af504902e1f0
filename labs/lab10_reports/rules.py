"""The rules of the house, given to the repair and not part of it: who may do what, and where a line of suspense belongs."""

from __future__ import annotations

import threading
from dataclasses import dataclass
from zlib import crc32

from labs.kit import work

RIGHTS = {
    "clerk": frozenset({"post", "entry"}),
    "accountant": frozenset({"post", "entry", "report", "correct"}),
    "auditor": frozenset({"entry", "report", "trail"}),
}
"""What each role may do. What is not written here is not allowed."""
SUSPENSE = "suspense"
COSTS = ("cost-0", "cost-1", "cost-2", "cost-3", "cost-4")
RULE_S = 0.0001
"""What it takes to apply the rules to one line, in seconds of computing."""
SLICE_S = 0.001
"""Computing is spent in pieces of this length: to spend each call alone would cost as much again."""
_owed = threading.local()


class Forbidden(Exception):
    """The caller's role may not do this: answered 403."""


class NotFound(Exception):
    """There is no such thing, for this caller: answered 404."""


@dataclass(frozen=True)
class Who:
    """Who is calling, as the gateway has found out: it is true."""

    tenant: str
    user: str
    role: str


def account_of(entry: str) -> str:
    """The account on which the suspense line of an entry belongs, by the rules of the month. Computes for 0.1 ms."""
    owed = getattr(_owed, "seconds", 0.0) + RULE_S
    if owed >= SLICE_S - 1e-9:
        work.cpu(owed)
        owed = 0.0
    _owed.seconds = owed
    return right_account(entry)


def right_account(entry: str) -> str:
    """What `account_of` answers, without its computing: for the judge."""
    return COSTS[crc32(entry.encode()) % len(COSTS)]
