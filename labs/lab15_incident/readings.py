"""Readings of the records: the answer, when harm began, what failed, whether it is well, and a record's mark."""

from __future__ import annotations

import hashlib
import json
import math
from collections import Counter
from typing import Any

from labs.kit import Run, names, stats
from labs.lab15_incident import evidence
from labs.lab15_incident.evidence import TABLES, Row
from labs.lab15_incident.variants import Variant, variant

SPAN_S = 3
HARMED = 0.1
"""Users are harmed where this share more fails than without the faults, over SPAN_S seconds."""
WELL = 0.93
"""It is well again where this share is answered: without the faults it is about 0.98."""
SETTLES_S = 5.0
"""The town may take so long, once the trigger's first seconds are over, to be well again."""
MOST_ROWS = 5


def answer(run: Run) -> tuple[Variant, dict[str, Any]]:
    """Whose evening it was, and what is said of it; {} where what is said is no dict."""
    told = json.loads(run.events(names.ANSWER)[0].detail)
    incident = told["incident"]
    return variant(told["name"]), incident if isinstance(incident, dict) else {}


def mark(run: Run) -> str:
    """Eight hex digits that tell this record from any other: rowids mean nothing in another."""
    digest = hashlib.sha256()
    for row in run.db.conn.execute("select rowid, link, request_id, sent, status from requests order by rowid"):
        digest.update(repr(row).encode())
    digest.update(repr([run.db.table(table).count for table in TABLES if table != "events"]).encode())
    return digest.hexdigest()[:8]


def paged(run: Run) -> float:
    """The second at which the page came, infinite if it never did."""
    return min((event.time for event in run.events(names.PAGED)), default=math.inf)


def failed(run: Run) -> int:
    """Requests of users that were not answered 2xx."""
    return sum(not r.ok for r in run.requests())


def harmed_at(both: Run, neither: Run) -> int:
    """The second in which users began to be harmed by the faults, and went on to be: compared with the evening without."""

    def harmed(second: int) -> bool:
        window = second, second + SPAN_S
        return stats.success_rate(both, *window) < stats.success_rate(neither, *window) - HARMED

    last = round(both.info.load_s) - 2 * SPAN_S
    began = next((second for second in range(last) if harmed(second) and harmed(second + SPAN_S)), last)
    return began + SPAN_S // 2


def trigger_over(run: Run) -> float:
    """The second of a replay at which what the trigger does in time is over; its onset, for one that stays."""
    return float(json.loads(run.events(names.ANSWER)[0].detail)["over_s"])


def well_after(run: Run, since_s: float) -> float:
    """The share of requests answered from then on."""
    return stats.success_rate(run, since_s, run.info.load_s)


def f1(named: object, right: set[str]) -> float:
    """How well a list of names agrees with the right ones: 2 x hits / (named + right)."""
    given = {str(name) for name in named} if isinstance(named, list | tuple | set) else set()
    return 2 * len(given & right) / (len(given) + len(right))


def labels(both: Run, x: Run, y: Run, neither: Run) -> dict[Row, str]:
    """What each row of the incident's record shows, see `evidence`."""
    return evidence.labelled(both, x, y, neither)


def cited(incident: dict[str, Any], key: str) -> list[Row]:
    """The rows that are cited for a cause; [] if they are no list of (table, rowid)."""
    rows = incident.get("rows")
    given = rows.get(key) if isinstance(rows, dict) else None
    if not isinstance(given, list | tuple):
        return []
    pairs = [row for row in given if isinstance(row, list | tuple) and len(row) == 2]
    return list(dict.fromkeys((t, rowid) for t, rowid in pairs if isinstance(t, str) and isinstance(rowid, int)))


def shares(rows: list[Row], found: dict[Row, str]) -> Counter[str]:
    """What the cited rows show; "none" for a row that is not there."""
    return Counter(found.get(row, "none") for row in rows)


def fires_at(run: Run, below: float, for_s: float) -> float | None:
    """The second at which the share answered has stayed below `below` for `for_s` seconds; None if it never does."""
    seconds = range(round(run.info.load_s))
    return stats.lasts((stats.success_rate(run, second, second + 1) < below for second in seconds), for_s)
