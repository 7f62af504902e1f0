"""Ways to choose the rows that are cited, most of them without understanding: for the page, and for repairs in fixes/."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from random import Random

from labs.kit import Run
from labs.lab15_incident.evidence import Row
from labs.lab15_incident.readings import MOST_ROWS


def _rows(run: Run, sql: str) -> list[Row]:
    return [(table, rowid) for table, rowid in run.db.conn.execute(sql)]


STRATEGIES: Mapping[str, Callable[[Run], list[Row]]] = {
    "the slowest exchanges": lambda run: _rows(
        run, "select 'requests', rowid from requests order by coalesce(done, 1e9) - sent desc, rowid limit 200"
    ),
    "the first that failed": lambda run: _rows(
        run, "select 'requests', rowid from requests where status not between 200 and 299 order by sent, rowid limit 200"
    ),
    "the error logs": lambda run: _rows(run, "select 'logs', rowid from logs where level = 'error' order by time, rowid"),
    "users' failed requests": lambda run: _rows(
        run, "select 'requests', rowid from requests where link like 'load->%' and status not between 200 and 299"
    ),
    "the deploys in order": lambda run: _rows(run, "select 'events', rowid from events where kind = 'deploy' order by time"),
    "rows at random": lambda run: sorted(Random(0).sample(_rows(run, "select 'requests', rowid from requests"), 200)),
}
"""By name, what such a colleague would cite; the first MOST_ROWS of it in an answer."""


def first(strategy: str, run: Run) -> list[Row]:
    """As many rows as an answer may cite."""
    return STRATEGIES[strategy](run)[:MOST_ROWS]
