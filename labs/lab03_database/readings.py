"""What the record of a run says of the shop: what the database did in each part of it, and what the partner was told."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from typing import Any

from labs.kit.measure import stats
from labs.kit.model.record import Event, Run
from labs.kit.service.sqlite_cost import Work
from labs.lab03_database import cost
from labs.lab03_database.cost import SLOTS
from labs.lab03_database.scenarios import ARCHIVE_S, IMPORTS_S, PAGES_S, PAUSE_S

PAGE, ARCHIVE, IMPORT = "GET /orders", "GET /archive", "POST /import"
LOAD, PARTNER, LINK = "load->orders", "partner->orders", "orders->db"
PARTS = {PAGE: PAGES_S, ARCHIVE: ARCHIVE_S, IMPORT: IMPORTS_S}
"""When the scenario `quiet` asks for what, in seconds of the run."""
_WORK = [field.name for field in fields(Work)]
STATEMENT = "statement"
MOST_LOST = 0.15
"""See `doubt`."""


@dataclass(frozen=True)
class Statement:
    """One statement or transaction, as the database tells of it. Times are seconds; `executed` counts rows of parameters."""

    time: float
    sql: str
    request_id: str
    rows: int
    executed: int
    commits: int
    waited_s: float
    took_s: float
    work: Work

    @property
    def database_s(self) -> float:
        """Seconds of database time, by its steps, pages and commits."""
        return cost.database_s(self.work, self.commits)


def statements(run: Run) -> list[Statement]:
    """All that the database executed, in the order in which it was done."""
    return _statements(run.events(STATEMENT))


def _statements(events: Iterable[Event]) -> list[Statement]:
    found = []
    for event in events:
        told: dict[str, Any] = json.loads(event.detail)
        work = Work(**{name: told.pop(name) for name in _WORK})
        found.append(Statement(time=event.time, sql=event.subject, work=work, **told))
    return found


def doubt(events: Sequence[Event], seconds: float) -> str:
    """Why a live run measured the machine: statements held the database's places for much longer than the lab says."""
    seen = _statements(event for event in events if event.kind == STATEMENT)
    share = sum(max(0.0, s.took_s - s.database_s) for s in seen) / (SLOTS * seconds)
    if share <= MOST_LOST:
        return ""
    return (
        f"The machine was too slow: it took {share:.0%} of the database's time for itself; at most {MOST_LOST:.0%} may be"
        " lost. Close what else runs, and run again."
    )


def part(run: Run, endpoint: str) -> list[Statement]:
    """What the database executed while the scenario `quiet` asked for nothing but `endpoint`."""
    start, end = PARTS[endpoint]
    return [s for s in statements(run) if start <= s.time < end + PAUSE_S]


def asked(run: Run, endpoint: str, *links: str) -> int:
    """How often something was asked for, as seen on the wire."""
    return sum(r.endpoint == endpoint for link in links or (LOAD, PARTNER) for r in _on(run, link))


def _on(run: Run, link: str) -> list[Any]:
    return run.requests(link) if link in run.links() else []


def in_part(run: Run, endpoint: str) -> int:
    """How often a part of `quiet` asked for what it is there for."""
    start, end = PARTS[endpoint]
    return sum(
        r.endpoint == endpoint and start <= r.sent < end + PAUSE_S for link in (LOAD, PARTNER) for r in _on(run, link)
    )


def work_of(chosen: Iterable[Statement]) -> Work:
    """All their work together."""
    return sum((s.work for s in chosen), Work())


def plans(run: Run) -> dict[str, list[tuple[int, int, str]]]:
    """What EXPLAIN QUERY PLAN said, by statement: rows of (id, parent, text)."""
    return {e.subject: [(i, parent, text) for i, parent, text in json.loads(e.detail)] for e in run.events("plan")}


def plan_texts(run: Run, chosen: Sequence[Statement]) -> list[str]:
    """The lines of the plans of some statements."""
    known = plans(run)
    return [text for sql in dict.fromkeys(s.sql for s in chosen) for _, _, text in known.get(sql, [])]


@dataclass(frozen=True)
class Answer:
    """What the partner says of one answer: what it asked for, what was wrong with it ("" if nothing), an example.

    `orders` is how many were in the file, if it was about an import.
    """

    subject: str
    status: int
    wrong: str
    told: str
    orders: int


def answers(run: Run) -> list[Answer]:
    """All that the partner was told."""
    found = []
    for event in run.events("answer"):
        told = json.loads(event.detail)
        found.append(Answer(event.subject, told["status"], told["wrong"], told["told"], told.get("orders", 0)))
    return found


def in_time(run: Run, limit_s: float, start: float = 0.0) -> float:
    """Share of the load's requests intended from `start` on that were answered 200 within `limit_s`."""
    chosen = stats.user_requests(run, start)
    return sum(r.ok and r.latency is not None and r.latency <= limit_s for r in chosen) / len(chosen)


def timed_out(run: Run, start: float = 0.0) -> float:
    """Share of the load's requests intended from `start` on that were answered 504."""
    chosen = stats.user_requests(run, start)
    return sum(r.status == 504 for r in chosen) / len(chosen)
