"""Small measurements on a private copy of the orders, for the notebook: indexes, depth of a page, cost of writing.

What SQLite counts, steps and pages, is the same on every machine with the same library; the milliseconds are computed from
it, as the database service and the checks do (`cost`). No customer is asked for twice in a row: in a sale, too, the orders
of the next one are not in the cache.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from labs.kit.service.sqlite_cost import Meter, Work, find_library
from labs.lab03_database import cost, data
from labs.lab03_database.scenarios import ARCHIVE_PAGE

PAGE_SQL = (
    "SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20"
)
CANDIDATES = (
    "", "(status)", "(created_at)", "(created_at, customer_id)", "(customer_id)", "(customer_id, created_at)",
)  # fmt: skip
RESELLERS_TRIED = tuple(range(4, 100, 12))
OTHERS_TRIED = tuple(range(150, 1_100, 125))
PAGES_TRIED = (0, 500, 1_000, 2_000, 3_000, 4_000, 5_000)
FILE_ORDERS = 40
FILES = 5
NEEDED = "CREATE INDEX i0 ON orders (customer_id, created_at)"
MORE = (
    "CREATE INDEX i1 ON orders (status)", "CREATE INDEX i2 ON orders (total_cents)", "CREATE INDEX i3 ON orders (address)",
    "CREATE INDEX i4 ON items (sku)", "CREATE INDEX i5 ON items (quantity)",
)  # fmt: skip
_ORDER = "INSERT INTO orders VALUES (?, ?, 'open', '2026-03-01 10:00', ?, '1 Short Street, Town ' || ?)"
_ITEM = "INSERT INTO items VALUES (?, ?, 'sku-' || ?, ?)"

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Cost:
    """What a statement did on average, and the database time that it stands for."""

    steps: float
    pages: float
    fetched: float
    milliseconds: float


@dataclass(frozen=True)
class Candidate:
    """An index, and what the page's query costs with it, for a reseller and for another customer; `plan` is its plan."""

    name: str
    reseller: Cost
    other: Cost
    plan: tuple[tuple[int, int, str], ...]


@dataclass(frozen=True)
class Depth:
    """What one page of the archive costs, by OFFSET and by keyset."""

    page: int
    offset_ms: float
    keyset_ms: float


@dataclass(frozen=True)
class Writing:
    """What it costs to store one order: `commits` transactions for each, `pages` fetched."""

    name: str
    milliseconds: float
    pages: float
    commits: int


def _cost(meter: Meter, work: Callable[[], Any], times: int) -> Cost:
    meter.take()
    work()
    done = meter.take()
    return Cost(done.steps / times, cost.pages(done) / times, done.misses / times, 1000 * cost.database_s(done) / times)


def _pages_of(connection: Any, meter: Meter, customers: Sequence[int]) -> Cost:
    def ask() -> None:
        for customer in customers:
            connection.execute(PAGE_SQL, (customer,)).fetchall()

    return _cost(meter, ask, len(customers))


def candidates(progress: Progress | None = None) -> list[Candidate]:
    """Six candidates, the first of them no index at all."""
    found = []
    with data.private_copy("candidates") as address:
        connection = data.raw_connect(address, uri=True)
        meter = Meter(connection, find_library())
        for number, columns in enumerate(CANDIDATES):
            if columns:
                connection.execute(f"CREATE INDEX candidate ON orders {columns}")
            reseller = _pages_of(connection, meter, RESELLERS_TRIED)
            other = _pages_of(connection, meter, OTHERS_TRIED)
            plan = tuple((r[0], r[1], r[3]) for r in connection.execute(f"EXPLAIN QUERY PLAN {PAGE_SQL}", (1,)))
            found.append(Candidate(columns or "no index", reseller, other, plan))
            if columns:
                connection.execute("DROP INDEX candidate")
            if progress is not None:
                progress(number + 1, len(CANDIDATES))
        connection.close()
    return found


def _fetch(connection: Any, sql: str, params: tuple[int, ...]) -> None:
    connection.execute(sql, params).fetchall()


def depths() -> list[Depth]:
    """The curve of OFFSET, and that of keyset."""
    columns = "SELECT id, customer_id, status, created_at, total_cents FROM orders"
    offset = f"{columns} ORDER BY id LIMIT ? OFFSET ?"
    keyset = f"{columns} WHERE id > ? ORDER BY id LIMIT ?"
    found = []
    with data.private_copy("depths") as address:
        connection = data.raw_connect(address, uri=True)
        meter = Meter(connection, find_library())
        for page in PAGES_TRIED:
            skip = page * ARCHIVE_PAGE
            by_offset = _cost(meter, partial(_fetch, connection, offset, (ARCHIVE_PAGE, skip)), 1)
            by_keyset = _cost(meter, partial(_fetch, connection, keyset, (skip, ARCHIVE_PAGE)), 1)
            found.append(Depth(page, by_offset.milliseconds, by_keyset.milliseconds))
        connection.close()
    return found


def writings(progress: Progress | None = None) -> list[Writing]:
    """Files of orders stored: without an index, with the needed one, with more and more; and each row by itself."""
    trials = [("no index", ()), ("1 index, the needed one", (NEEDED,))]
    trials += [(f"{1 + n} indexes", (NEEDED, *MORE[:n])) for n in (1, 3, 5)]
    found = []
    with data.private_copy("writings") as address:
        connection = data.raw_connect(address, uri=True)
        meter = Meter(connection, find_library())
        for number, (name, indexes) in enumerate([*trials, ("1 index, each row a transaction", (NEEDED,))]):
            alone = number == len(trials)
            for sql in indexes:
                connection.execute(sql)
            found.append(_written(connection, meter, name, 10_000_000 + 100_000 * number, alone))
            for sql in indexes:
                connection.execute(f"DROP INDEX {sql.split()[2]}")
            if progress is not None:
                progress(number + 1, len(trials) + 1)
        connection.close()
    return found


def _written(connection: Any, meter: Meter, name: str, first: int, alone: bool) -> Writing:
    meter.take()
    total, commits = Work(), 0
    for file in range(FILES):
        if not alone:
            connection.execute("begin")
        for place in range(FILE_ORDERS):
            number = first + file * FILE_ORDERS + place
            mixed = number * 48_271 % 2_147_483_647
            connection.execute(_ORDER, (number, 101 + mixed % 1_000, mixed % 50_000, mixed))
            for line in (1, 2):
                connection.execute(_ITEM, (number, line, (mixed + line) % 500, 1 + mixed % 5))
        if not alone:
            connection.execute("commit")
        commits += 3 * FILE_ORDERS if alone else 1
        total += meter.take()
    orders = FILES * FILE_ORDERS
    return Writing(name, 1000 * cost.database_s(total, commits) / orders, total.misses / orders, 3 if alone else 1)
