"""Small measurements on a private copy of the orders, for the notebook: indexes, depth of a page, cost of writing.

What SQLite counts, steps and pages, is the same on every machine with the same library; the milliseconds are computed from
it, as the database service and the checks do (`cost`). No customer is asked for twice in a row: in a sale, too, the orders
of the next one are not in the cache.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass
from typing import Any

from labs.kit import sqlite_cost
from labs.lab03_database import cost, data
from labs.lab03_database.scenarios import ARCHIVE_PAGE

CANDIDATES = (
    "", "(status)", "(created_at)", "(created_at, customer_id)", "(customer_id)", "(customer_id, created_at)",
)  # fmt: skip
RESELLERS_TRIED = tuple(range(4, 100, 12))
OTHERS_TRIED = tuple(range(150, 1_100, 125))
PAGES_TRIED = (0, 500, 1_000, 2_000, 3_000, 4_000, 5_000)
COLUMNS = "SELECT id, customer_id, status, created_at, total_cents FROM orders"
OFFSET, KEYSET = f"{COLUMNS} ORDER BY id LIMIT ? OFFSET ?", f"{COLUMNS} WHERE id > ? ORDER BY id LIMIT ?"
FILE_ORDERS = 40
FILES = 5
NEEDED = "CREATE INDEX i0 ON orders (customer_id, created_at)"
MORE = (
    "CREATE INDEX i1 ON orders (status)", "CREATE INDEX i2 ON orders (total_cents)", "CREATE INDEX i3 ON orders (address)",
    "CREATE INDEX i4 ON items (sku)", "CREATE INDEX i5 ON items (quantity)",
)  # fmt: skip
ALONE = "1 index, each row a transaction"
_ORDER = "INSERT INTO orders VALUES (?, ?, 'open', '2026-03-01 10:00', ?, '1 Short Street, Town ' || ?)"
_ITEM = "INSERT INTO items VALUES (?, ?, 'sku-' || ?, ?)"


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
    plan: str


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


@contextmanager
def _metered() -> Iterator[tuple[Any, sqlite_cost.Meter]]:
    """A connection to a private copy of the orders, and what tells its work."""
    with data.private_copy("measured") as address, closing(data.raw_connect(address, uri=True)) as connection:
        yield connection, sqlite_cost.Meter(connection, sqlite_cost.find_library())


def _cost(connection: Any, meter: sqlite_cost.Meter, sql: str, each: Sequence[tuple[int, ...]]) -> Cost:
    """The statement's mean cost over these parameters."""
    meter.take()
    for params in each:
        connection.execute(sql, params).fetchall()
    done, times = meter.take(), len(each)
    return Cost(done.steps / times, cost.pages(done) / times, done.misses / times, 1000 * cost.database_s(done) / times)


def candidates(progress: data.Progress) -> list[Candidate]:
    """Six candidates, the first of them no index at all."""
    found = []
    with _metered() as (connection, meter):
        for number, columns in enumerate(CANDIDATES):
            if columns:
                connection.execute(f"CREATE INDEX candidate ON orders {columns}")
            reseller, other = (
                _cost(connection, meter, data.PAGE_SQL, [(customer,) for customer in customers])
                for customers in (RESELLERS_TRIED, OTHERS_TRIED)
            )
            plan = ", ".join(row[3] for row in connection.execute(f"EXPLAIN QUERY PLAN {data.PAGE_SQL}", (1,)))
            found.append(Candidate(columns or "no index", reseller, other, plan))
            connection.execute("DROP INDEX IF EXISTS candidate")
            progress(number + 1, len(CANDIDATES))
    return found


def depths() -> list[Depth]:
    """The curve of OFFSET, and that of keyset."""
    found = []
    with _metered() as (connection, meter):
        for page in PAGES_TRIED:
            skip = page * ARCHIVE_PAGE
            by_offset = _cost(connection, meter, OFFSET, [(ARCHIVE_PAGE, skip)])
            by_keyset = _cost(connection, meter, KEYSET, [(skip, ARCHIVE_PAGE)])
            found.append(Depth(page, by_offset.milliseconds, by_keyset.milliseconds))
    return found


def writings(progress: data.Progress) -> list[Writing]:
    """Files of orders stored: without an index, with the needed one, with more and more; and each row by itself."""
    trials: dict[str, tuple[str, ...]] = {"no index": (), "1 index, the needed one": (NEEDED,)}
    trials |= {f"{1 + n} indexes": (NEEDED, *MORE[:n]) for n in (1, 3, 5)}
    trials |= {ALONE: (NEEDED,)}
    found = []
    with _metered() as (connection, meter):
        for number, (name, indexes) in enumerate(trials.items()):
            for sql in indexes:
                connection.execute(sql)
            found.append(_written(connection, meter, name, 10_000_000 + 100_000 * number, name == ALONE))
            for sql in indexes:
                connection.execute(f"DROP INDEX {sql.split()[2]}")
            progress(number + 1, len(trials))
    return found


def _written(connection: Any, meter: sqlite_cost.Meter, name: str, first: int, alone: bool) -> Writing:
    """FILES files of orders from number `first` on, each a transaction; or, `alone`, each row."""
    meter.take()
    total = sqlite_cost.Work()
    for file in range(FILES):
        if not alone:
            connection.execute("begin")
        for sql, row in _rows(range(first + file * FILE_ORDERS, first + (file + 1) * FILE_ORDERS)):
            connection.execute(sql, row)
        if not alone:
            connection.execute("commit")
        total += meter.take()
    orders, commits = FILES * FILE_ORDERS, FILES * (3 * FILE_ORDERS if alone else 1)
    return Writing(name, 1000 * cost.database_s(total, commits) / orders, total.misses / orders, 3 if alone else 1)


def _rows(numbers: Iterable[int]) -> Iterator[tuple[str, tuple[int, ...]]]:
    for number in numbers:
        mixed = number * 48_271 % 2_147_483_647
        yield _ORDER, (number, 101 + mixed % 1_000, mixed % 50_000, mixed)
        for line in (1, 2):
            yield _ITEM, (number, line, (mixed + line) % 500, 1 + mixed % 5)
