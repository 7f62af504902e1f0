"""The shop's orders: 300,000 of them in one SQLite file, built once, used by every run, and by none of them changed.

Whoever needs the file first builds it. The rows are arithmetic on the order's number, so they are the same on every machine;
what was built is checked against sums that are written down here, and a file that differs is built again.
"""

from __future__ import annotations

import _sqlite3
import fcntl
import hashlib
import os
import sqlite3
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import labs

ORDERS = 300_000
RESELLERS = 100
"""Customers 1 to 100 are resellers, with about 1,500 orders each; one order in two is theirs."""
CUSTOMERS = 1_100
"""The other 1,000 have 150 orders on average."""
VERSION = 1
FILE = f"orders-{VERSION}.sqlite"
SLICE = 10_000

SCHEMA = """
create table orders (
  id integer primary key,
  customer_id integer not null,
  status text not null,
  created_at text not null,
  total_cents integer not null,
  address text not null
);
create table items (
  order_id integer not null,
  line integer not null,
  sku text not null,
  quantity integer not null,
  primary key (order_id, line)
) without rowid;
"""

PAGE_SQL = (
    "SELECT id, status, created_at, total_cents FROM orders WHERE customer_id = ? ORDER BY created_at DESC, id DESC LIMIT 20"
)
"""The query of a customer's page, as broken.py has it."""

_MIX = "((({n} * 48271 + {k} * 69621) % 2147483647) * 48271 + {k}) % 2147483647"
"""A number that looks random, from an order's number and a small `k`: Lehmer's generator, twice."""


def _mixed(k: int, number: str = "n") -> str:
    return f"({_MIX.format(n=number, k=k)})"


_NUMBERS = "with recursive numbers(n) as (select ? union all select n + 1 from numbers where n < ?)"
_FILL_ORDERS = f"""
insert into orders {_NUMBERS}
select
  n,
  case when {_mixed(1)} % 2 then 1 + {_mixed(2)} % {RESELLERS}
       else {RESELLERS + 1} + {_mixed(3)} % {CUSTOMERS - RESELLERS} end,
  rtrim(substr('open   packed shippedclosed ', 1 + 7 * ({_mixed(4)} % 4), 7)),
  strftime('%Y-%m-%d %H:%M', 1704067200 + 60 * ({_mixed(5)} % 525600), 'unixepoch'),
  500 + {_mixed(6)} % 50000,
  printf('%d Long Street, Flat %d, Town %d, Postcode %05d', {_mixed(7)} % 400, {_mixed(8)} % 90, {_mixed(9)} % 999,
         {_mixed(10)} % 99999)
from numbers
"""  # noqa: S608 - put together from the numbers of this file
_FILL_ITEMS = f"""
insert into items {_NUMBERS}, lines(line) as (values (1), (2), (3))
select n, line, 'sku-' || ({_mixed(12, "(n * 4 + line)")} % 500), 1 + {_mixed(13, "(n * 4 + line)")} % 5
from numbers, lines where line <= 1 + {_mixed(11)} % 3
"""  # noqa: S608 - as above
_SUMS = (
    "select count(*), sum(id * 7 + customer_id * 13 + total_cents), sum(unicode(status) + id * substr(created_at, 15, 2)),"
    " sum(length(address)) from orders",
    "select count(*), sum(order_id * 3 + line * 5 + quantity * 7), sum(order_id * substr(sku, 5)) from items",
)
EXPECTED: tuple[tuple[int, ...], ...] = (
    (300000, 323919567589, 1327608425963, 14851148),
    (599990, 270011103120, 22453770384909),
)
"""What `_SUMS` give of the right data."""
DIGEST = "f32deeab0cf9a483866c78b66939c14a1fe2ceb02e281c8568139b11a81eb216"
"""Of the right data as SQLite 3.40 lays it out. A library that lays it out otherwise is asked for the sums."""

Progress = Callable[[int, int], None]
"""Called now and then with (orders written, orders in all)."""


class DataError(RuntimeError):
    """The orders can be neither found nor built; the message says why and what to do."""


def folder() -> Path:
    """Where the file is kept: `work/.data` beside the labs, or /var/tmp where that cannot be written.

    No variable of the environment moves it: a simulated service sees none, and would look elsewhere. In a sandbox, the file
    that the judge has prepared is there, and nothing can be written.
    """
    chosen = labs.ROOT / "work" / ".data"
    if os.path.isfile(chosen / FILE):  # False also for a folder that is closed to this user
        return chosen
    if os.access(next(p for p in chosen.parents if p.exists()) if not chosen.exists() else chosen, os.W_OK):
        return chosen
    return Path("/var/tmp") / f"breakfix-{os.getuid()}"  # noqa: S108 - its owner and its content are checked


def ensure(place: Path | None = None, progress: Progress | None = None) -> Path:
    """The file with the orders, built first if it is missing or damaged. Several processes at once build it once.

    Raises DataError: no place to write to, or no room.
    """
    place = folder() if place is None else place
    path = place / FILE
    if path.is_file() and not os.access(place, os.W_OK):  # a sandboxed host: its judge has looked at the file
        return path
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        if place.stat().st_uid not in (os.getuid(), labs.ROOT.stat().st_uid):
            raise DataError(f"{place} belongs to another user; remove it, so that the orders can be built there")
        with _locked(place):
            if not _sound(path):
                _build(path, progress)
    except (OSError, sqlite3.Error) as error:
        raise DataError(f"the orders cannot be built in {place} ({error}); free 50 MB there, and run again") from error
    return path


@contextmanager
def _locked(place: Path) -> Iterator[None]:
    handle = os.open(place / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(handle, fcntl.LOCK_EX)
        yield
    finally:
        os.close(handle)


def raw_connect(database: str | Path, **options: Any) -> sqlite3.Connection:
    """A connection whose work takes no time of the run, in the simulated world either: for what is not part of it."""
    return sqlite3.connect(database, factory=_sqlite3.Connection, isolation_level=None, **options)


def open_file(path: Path) -> sqlite3.Connection:
    """The file, to read."""
    return raw_connect(f"file:{path}?mode=ro&immutable=1", uri=True)


def _sound(path: Path) -> bool:
    """Is this the file as it was built? Also a repair of the run before could have written to it."""
    if not path.is_file():
        return False
    if _digest(path) == DIGEST:
        return True
    try:
        with closing(open_file(path)) as found:
            return sums(found) == EXPECTED
    except sqlite3.Error:
        return False


def _digest(path: Path) -> str:
    """SHA-256 of the file without the library's version in its head. Each run asks: a tenth of the time of the sums."""
    content = path.read_bytes()
    return hashlib.sha256(content[:92] + content[100:]).hexdigest()


def sums(connection: sqlite3.Connection) -> tuple[tuple[int, ...], ...]:
    """The sums that tell the right data from any other; what `EXPECTED` holds."""
    return tuple(tuple(connection.execute(sql).fetchone()) for sql in _SUMS)


def _build(path: Path, progress: Progress | None) -> None:
    for old in path.parent.glob("orders-*"):  # other versions, and what a build that was ended has left
        old.unlink(missing_ok=True)
    part = path.with_name(f"{path.name}.part")
    try:
        with closing(raw_connect(part)) as made:
            made.executescript(f"pragma journal_mode = off; pragma synchronous = off; {SCHEMA}")
            made.execute("begin")
            for first in range(1, ORDERS + 1, SLICE):
                last = first + SLICE - 1
                made.execute(_FILL_ORDERS, (first, last))
                made.execute(_FILL_ITEMS, (first, last))
                if progress is not None:
                    progress(last, ORDERS)
            made.execute("commit")
            built = sums(made)
        if built != EXPECTED:
            raise DataError(f"the orders built by SQLite {sqlite3.sqlite_version} differ from those of the lab: {built}")
        with part.open("rb") as file:
            os.fsync(file.fileno())
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)


def in_memory() -> sqlite3.Connection:
    """A copy for this process alone: what anybody does to the file meanwhile does not reach it."""
    copy = raw_connect(":memory:")
    with closing(open_file(ensure())) as source:
        source.backup(copy)
    return copy


@contextmanager
def private_copy(name: str = "orders") -> Iterator[str]:
    """The address of a copy in this process's memory; gone when this ends, and with the process in any case."""
    address = f"file:/{name}?vfs=memdb"
    with closing(raw_connect(address, uri=True)) as kept:
        with closing(open_file(ensure())) as source:
            source.backup(kept)
        yield address
