"""How long the database takes for what a statement did. The same arithmetic for the service, the checks and the charts."""

from __future__ import annotations

from labs.kit import sqlite_cost

SLOTS = 2
"""Statements that the database serves at a time."""
STEP_S, HIT_S = 20e-9, 50e-9
"""A step of SQLite's virtual machine, and a page that it finds in its cache."""
PAGE_S = 10e-6
"""A page that must be fetched: that of a fast disk, where the lab has memory."""
SYNC_S = 0.002
"""A transaction that wrote: the disk says when it is safe."""


def disk_s(work: sqlite_cost.Work, commits: int) -> float:
    """Seconds that the lab's disk takes: the service sleeps that long."""
    return work.misses * PAGE_S + commits * SYNC_S


def database_s(work: sqlite_cost.Work, commits: int = 0) -> float:
    """Seconds of database time: steps, pages, commits."""
    return work.steps * STEP_S + work.hits * HIT_S + disk_s(work, commits)


def pages(work: sqlite_cost.Work) -> int:
    """Pages read, from the cache or not."""
    return work.hits + work.misses
