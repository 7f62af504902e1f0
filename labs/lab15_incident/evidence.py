"""Which rows of the incident's record are evidence: found by counting, in four runs of one seed, without a person's opinion.

The four are the evening with neither fault, with X, with Y, and with both. A row of the last one has a signature, and
stands in a window of five seconds; it is evidence of X if its signature is met in that window of X's run as well, at least
twice and three times as often as where X is not. What is met only where both act shows that they work together.
"""

from __future__ import annotations

import json
import math
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from labs.kit import Run

WINDOW_S = 5.0
LEAST, TIMES = 2, 3
X, Y, TOGETHER, SHARED, NORMAL = "x", "y", "together", "shared", "normal"
TABLES = ("requests", "spans", "logs", "samples", "events")
LARGE = 32

Row = tuple[str, int]
"""A table and a rowid."""
Key = tuple[Any, ...]


def _scale(value: float, least: float) -> int:
    """A step of a scale on which each step is twice the last one."""
    return math.ceil(math.log2(max(value, least)))


def keyed(run: Run) -> Iterator[tuple[Row, Key]]:
    """Each row of a record with its signature and window."""
    db = run.db.conn
    end = run.info.seconds
    sql = "select rowid, link, endpoint, status, error_type, attempt, sent, done from requests"
    for rowid, link, endpoint, status, error, attempt, sent, done in db.execute(sql):
        took = (end if done is None else done) - sent
        route = endpoint.rstrip("0123456789")
        yield ("requests", rowid), (link, route, error or status, _scale(took, 0.008), min(attempt, 2), sent // WINDOW_S)
    for rowid, host, name, status, start, stop in db.execute("select rowid, host, name, status, start, end from spans"):
        yield ("spans", rowid), ("span", host, name, status, _scale(stop - start, 0.008), start // WINDOW_S)
    for rowid, at, host, level, event, error, fields in db.execute(
        "select rowid, time, host, level, event, error_type, fields from logs"
    ):
        told = json.loads(fields)
        kind = (host, level, event, error, told.get("statement", ""), _scale(told.get("seconds", 0), 0.008))
        yield ("logs", rowid), (*kind, at // WINDOW_S)
    for rowid, at, signal, host, value in db.execute("select rowid, time, signal, host, value from samples"):
        size = value if value <= LARGE else LARGE * 2 ** _scale(value / LARGE, 1)
        yield ("samples", rowid), (signal, host, size, at // WINDOW_S)
    for rowid, at, subject, detail in db.execute("select rowid, time, subject, detail from events where kind = 'deploy'"):
        yield ("events", rowid), ("deploy", subject, detail, at // WINDOW_S)


def labelled(both: Run, x: Run, y: Run, neither: Run) -> dict[Row, str]:
    """What each row of the record of `both` is evidence of."""
    in_x, in_y, in_neither = (Counter(key for _, key in keyed(run)) for run in (x, y, neither))
    rows = list(keyed(both))
    in_both = Counter(key for _, key in rows)
    return {row: _label(row, key, in_both, in_x, in_y, in_neither) for row, key in rows}


def _label(
    row: Row, key: Key, both: Mapping[Key, int], x: Mapping[Key, int], y: Mapping[Key, int], neither: Mapping[Key, int]
) -> str:
    n, with_x, with_y, with_both = neither[key], x[key], y[key], both[key]
    least = 1 if row[0] == "events" else LEAST
    shows_x = with_x >= least and with_x >= TIMES * n
    shows_y = with_y >= least and with_y >= TIMES * n
    if shows_x and with_x >= TIMES * with_y:
        return X
    if shows_y and with_y >= TIMES * with_x:
        return Y
    if shows_x or shows_y:
        return SHARED
    return NORMAL if n * TIMES >= with_both else TOGETHER
