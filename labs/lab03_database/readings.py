"""What the record of a run says of the shop: what the database did in each part of it, and what the partner was told."""

from __future__ import annotations

import json
import math
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields

from labs.kit import Run, record, sqlite_cost, stats
from labs.lab03_database import cost
from labs.lab03_database.scenarios import ARCHIVE_S, IMPORTS_S, PAGES_S, PAUSE_S

PAGE, ARCHIVE, IMPORT, QUERY = "GET /orders", "GET /archive", "POST /import", "POST /query"
LOAD, PARTNER, LINK = "load->orders", "partner->orders", "orders->db"
PARTS = {PAGE: PAGES_S, ARCHIVE: ARCHIVE_S, IMPORT: IMPORTS_S}
"""When the scenario `quiet` asks for what, in seconds of the run."""
_WORK = [field.name for field in fields(sqlite_cost.Work)]
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
    work: sqlite_cost.Work

    @property
    def database_s(self) -> float:
        """Seconds of database time, by its steps, pages and commits."""
        return cost.database_s(self.work, self.commits)


def statements(run: Run) -> list[Statement]:
    """All that the database executed, in the order in which it was done."""
    return _statements(run.events())


def _statements(events: Iterable[record.Event]) -> list[Statement]:
    found = []
    for event in events:
        if event.kind == "statement":
            told = json.loads(event.detail)
            work = sqlite_cost.Work(**{name: told.pop(name) for name in _WORK})
            found.append(Statement(time=event.time, sql=event.subject, work=work, **told))
    return found


def doubt(events: Sequence[record.Event], seconds: float) -> str:
    """Why a live run measured the machine: statements held the database's places for much longer than the lab says."""
    share = sum(max(0.0, s.took_s - s.database_s) for s in _statements(events)) / (cost.SLOTS * seconds)
    if share <= MOST_LOST:
        return ""
    return (
        f"The machine was too slow: it took {share:.0%} of the database's time for itself; at most {MOST_LOST:.0%} may be"
        " lost. Close what else runs, and run again."
    )


# The parts of `quiet` -----------------------------------------------------------------------------------------------


def part(run: Run, endpoint: str) -> list[Statement]:
    """What the database executed while the scenario `quiet` asked for nothing but `endpoint`."""
    start, end = PARTS[endpoint]
    return [s for s in statements(run) if start <= s.time < end + PAUSE_S]


def reads(run: Run, endpoint: str) -> list[Statement]:
    """Those statements of one part of `quiet` that stored nothing."""
    return [s for s in part(run, endpoint) if not s.commits]


def in_part(run: Run, endpoint: str) -> int:
    """How often a part of `quiet` asked for what it is there for, as seen on the wire."""
    start, end = PARTS[endpoint]
    seen = [r for link in (LOAD, PARTNER) for r in run.requests(link)]
    return sum(r.endpoint == endpoint and start <= r.sent < end + PAUSE_S for r in seen)


def statements_for_a_page(run: Run) -> float:
    """Statements that the database executed for one page. Raises ValueError for a run of another scenario than `quiet`."""
    if run.info.scenario != "quiet":
        raise ValueError("only the scenario 'quiet' asks for pages and nothing else")
    return len(reads(run, PAGE)) / in_part(run, PAGE)


def work_of(chosen: Iterable[Statement]) -> sqlite_cost.Work:
    """All their work together."""
    return sum((s.work for s in chosen), sqlite_cost.Work())


def plans(run: Run) -> dict[str, list[tuple[int, int, str]]]:
    """What EXPLAIN QUERY PLAN said, by statement: rows of (id, parent, text)."""
    return {e.subject: [(i, parent, text) for i, parent, text in json.loads(e.detail)] for e in run.events("plan")}


def plan_texts(run: Run, chosen: Sequence[Statement]) -> list[str]:
    """The lines of the plans of some statements."""
    known = plans(run)
    return [text for sql in dict.fromkeys(s.sql for s in chosen) for _, _, text in known.get(sql, [])]


# What load and partner were told ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Answer:
    """What the partner says of one answer: what it asked for, what was wrong with it ("" if nothing), an example.

    `orders` is how many were in the file, if it was about an import.
    """

    subject: str
    status: int
    wrong: str
    told: str
    orders: int = 0


def answers(run: Run) -> list[Answer]:
    """All that the partner was told."""
    return [Answer(event.subject, **json.loads(event.detail)) for event in run.events("answer")]


def partner_got(run: Run, endpoint: str) -> int:
    """How many of the partner's requests for this were answered 200."""
    return sum(r.ok and r.endpoint == endpoint for r in run.requests(PARTNER))


def orders_in_file(run: Run) -> int:
    """Orders in a file that the partner sent; 0 if it sent none."""
    return next((answer.orders for answer in answers(run) if answer.subject == "import"), 0)


def in_time(run: Run, limit_s: float, start: float = 0.0) -> float:
    """Share of the load's requests intended from `start` on that were answered 200 within `limit_s`."""
    chosen = stats.user_requests(run, start)
    return sum(r.ok and r.latency is not None and r.latency <= limit_s for r in chosen) / len(chosen)


def timed_out(run: Run, start: float = 0.0) -> float:
    """Share of the load's requests intended from `start` on that were answered 504."""
    chosen = stats.user_requests(run, start)
    return sum(r.status == 504 for r in chosen) / len(chosen)


def unread(run: Run) -> list[record.Request]:
    """The load's pages that were answered 200 though the database answered no query, of anybody, from when they were asked
    for until then: such a page was made up, or kept from before."""
    apart = 0.0 if run.info.world == "simulated" else stats.CLOCK_S
    asked = [r for r in run.requests(LINK) if r.endpoint == QUERY and r.ok]
    read = [*sorted(r.done for r in asked if r.done is not None), math.inf]
    given = [(r, r.done) for r in run.requests(LOAD) if r.ok and r.done is not None]
    return [r for r, done in given if read[bisect_left(read, r.sent - apart)] > done + apart]


# The alert rule -----------------------------------------------------------------------------------------------------


def shares(run: Run, over_s: float) -> list[float]:
    """The share of each second's database time that statements over `over_s` had.

    A statement counts in each second in which it ran; the database has two places, so a second holds two seconds of work.
    """
    busy: Counter[int] = Counter()
    for statement in statements(run):
        if statement.took_s > over_s:
            begun, ended = (round(1_000_000 * at) for at in (statement.time - statement.took_s, statement.time))
            for second in range(begun // 1_000_000, ended // 1_000_000 + 1):
                busy[second] += min(ended, 1_000_000 * (second + 1)) - max(begun, 1_000_000 * second)
    return [busy[second] / 1_000_000 / cost.SLOTS for second in range(int(run.info.load_s))]


def fires_at(run: Run, share: float, over_s: float, for_s: float) -> float | None:
    """The second at which the alert rule fires, None if it never does."""
    return stats.lasts((each > share for each in shares(run, over_s)), for_s)


def highest(run: Run, over_s: float, for_s: float) -> float:
    """The share that was reached or exceeded in each of `for_s` seconds on end: what a bound must be below to fire."""
    each, width = shares(run, over_s), math.ceil(for_s)
    return max((min(each[start : start + width]) for start in range(len(each) - width + 1)), default=0.0)
