"""The diagnosis of lab03: what the page has shown, asked of a case that it has not shown."""

from __future__ import annotations

import re
from typing import Any

from labs.kit import Diagnosis, free, whole

PLANS = ("SEARCH", "SCAN")


def columns(answer: Any) -> tuple[str, ...]:
    """The names of columns in an answer such as "customer_id, created_at"; () if it is not of that form."""
    if not isinstance(answer, str) or not re.fullmatch(r"\s*\(?\s*[a-z_]+(\s*,\s*[a-z_]+)*\s*\)?\s*", answer):
        return ()
    return tuple(re.findall(r"[a-z_]+", answer))


DIAGNOSIS = Diagnosis(
    questions=(
        whole(
            "statements",
            "statements for the page of a customer who has 12 orders in all (see the table of statements)",
            13, why="One for the orders, and one for the items of each of the 12: N+1.",
        ),
        free(
            "plan",
            "the first word of the plan of the first of these statements, in the code that failed: 'SEARCH' or 'SCAN'",
            "one of the two texts", lambda a: a in PLANS, lambda a: a == "SCAN",
            why="No index begins with customer_id, so all 300,000 orders are looked at.",
        ),
        free(
            "index",
            "for the warehouse, which wants the 20 newest orders of one *status*: the two columns of its index, in their"
            " order, such as 'id, status'",
            "a text with one or more names of columns, with commas between them",
            lambda a: bool(columns(a)), lambda a: columns(a)[:2] == ("status", "created_at"),
            why="The column that is compared first, then the one that is sorted by. The other way round it is a walk.",
        ),
        whole(
            "skipped",
            "rows that OFFSET reads and throws away for page 3,000 of the archive, counted from 0, 50 orders to a page",
            150_000, why="OFFSET 150000: 3,000 pages of 50 are read before the first row that is given out.",
        ),
    ),
    points=2,
    hint="The table of statements has the first answer, EXPLAIN QUERY PLAN the second; the table of indexes shows the better"
    " order of columns; the last answer is the number of the page times the orders on a page.",
)  # fmt: skip

HINTS = (
    "Five things are wrong, and each has a tool that shows it: N+1 (count the statements), the missing index (the plan), the"
    " sort (the plan again), OFFSET (the curve), a transaction a row (count the commits).",
    "MIGRATION is a list of statements, for example 'CREATE INDEX name ON orders (first, second)'. The first column is the"
    " one that is compared, the second the one that the result is sorted by.",
    "Fetch the items of all orders in one statement: WHERE order_id IN (?, ?, ...), with as many marks as there are orders,"
    " then add them to their orders in Python. A join works as well, but then LIMIT 20 belongs in a subquery.",
    "archive() has the id of the last order before the page in `after`: WHERE id > ? ORDER BY id LIMIT 50. For imports,"
    " await self.db.transaction([(insert_order, order_rows), (insert_item, item_rows)]).",
)
