"""The books at the begin of a run: 72,000 lines in one SQLite file, built once, copied by each run.

The rows are arithmetic on the entry's number, so they are the same on every machine. A file that differs is built again.
"""

from __future__ import annotations

import _sqlite3
import fcntl
import hashlib
import os
import sqlite3
from collections import Counter
from contextlib import closing
from functools import cache
from pathlib import Path

import labs
from labs.lab10_reports.rules import SUSPENSE

TENANTS = ("north", "south")
MONTHS = ("2026-10", "2026-11")
CLOSED, OPEN = MONTHS
ENTRIES = {"north": 24_000, "south": 12_000}
BEFORE = {"north": 0, "south": 24_000}
"""The numbers of a tenant's entries, base-1 and so on, begin after this one."""
ACCOUNTS = tuple(f"acc-{n:02d}" for n in range(40))
SUSPENDED = {tenant: entries // 4 for tenant, entries in ENTRIES.items()}
"""Entries of the open month whose debit stands on the suspense account: one in four."""
VERSION = 1
FILE = f"books-{VERSION}.sqlite"

SCHEMA = """
create table accounts (tenant text, account text, primary key (tenant, account)) without rowid;
create table lines (
    id integer primary key, tenant text not null, entry text not null, side text not null,
    month text not null, account text not null, cents integer not null
);
create unique index lines_entry on lines (entry, tenant, side);
create table audit (
    seq integer primary key, at real not null, tenant text not null, actor text not null, action text not null,
    object text not null, outcome text not null, lines integer not null, previous text not null, digest text not null
);
"""
COLUMNS = ("seq", "at", "tenant", "actor", "action", "object", "outcome", "lines", "previous", "digest")
_DEBIT = "case n % 4 when 1 then 'suspense' else printf('acc-%02d', n * 7 % 40) end"
_CREDIT = "printf('acc-%02d', (n * 7 + 1 + n % 39) % 40)"
_CENTS = "100 + (n * 48271 % 2147483647) * 69621 % 2147483647 % 90000"
_MONTH = "case when n % 4 = 1 or n % 3 then '2026-11' else '2026-10' end"
_FILL = f"""
insert into lines (tenant, entry, side, month, account, cents)
with recursive numbers (n) as (select 1 union all select n + 1 from numbers where n < :entries)
select :tenant, 'base-' || (n + :before), side, {_MONTH}, case side when 'debit' then {_DEBIT} else {_CREDIT} end,
       case side when 'debit' then {_CENTS} else -({_CENTS}) end
from numbers, (select 'debit' as side union all select 'credit') order by n, side
"""  # noqa: S608 - put together from this file's own text
_SUMS = (
    "select count(*), sum(id * 3 + cents * (id % 1009)), sum(length(account) + unicode(side) + substr(entry, 6)) from lines"
)
EXPECTED = (72000, 7969244688, 1303650000)
"""What `_SUMS` gives of the right data."""


class DataError(RuntimeError):
    """The books cannot be built; the message says why and what to do."""


def raw_connect(database: str | Path, **options: bool) -> sqlite3.Connection:
    """A connection whose work takes no time of the run, in the simulated world either: for what is not part of it."""
    return sqlite3.connect(database, factory=_sqlite3.Connection, isolation_level=None, **options)


def folder() -> Path:
    """Where the file is kept: `work/.data` beside the labs, or /var/tmp where that cannot be written."""
    chosen = labs.ROOT / "work" / ".data"
    if os.path.isfile(chosen / FILE):
        return chosen
    if os.access(next(p for p in (chosen, *chosen.parents) if p.exists()), os.W_OK):
        return chosen
    return Path("/var/tmp") / f"breakfix-{os.getuid()}"  # noqa: S108 - its content is checked


def ensure() -> Path:
    """The file with the books, built first if it is missing or damaged. Raises DataError."""
    place = folder()
    path = place / FILE
    if path.is_file() and not os.access(place, os.W_OK):  # a sandboxed host: its judge has looked at the file
        return path
    try:
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (place / "books-lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not _sound(path):
                _build(path)
    except (OSError, sqlite3.Error) as error:
        raise DataError(f"the books cannot be built in {place} ({error}); free 20 MB there, and run again") from error
    return path


def _sound(path: Path) -> bool:
    if not path.is_file():
        return False
    with closing(raw_connect(f"file:{path}?mode=ro&immutable=1", uri=True)) as found:
        try:
            return _sums(found) == EXPECTED
        except sqlite3.Error:
            return False


def _sums(db: sqlite3.Connection) -> tuple[int, ...]:
    return tuple(db.execute(_SUMS).fetchone())


def create(db: sqlite3.Connection) -> None:
    """The tables and the accounts, without any line."""
    db.executescript(SCHEMA)
    rows = [(tenant, account) for tenant in TENANTS for account in (*ACCOUNTS, SUSPENSE, *(f"cost-{n}" for n in range(5)))]
    db.executemany("insert into accounts values (?, ?)", rows)


def _build(path: Path) -> None:
    part = path.with_name(f"{path.name}.part")
    part.unlink(missing_ok=True)
    with closing(raw_connect(part)) as made:
        made.executescript("pragma journal_mode = off; pragma synchronous = off;")
        create(made)
        made.execute("begin")
        for tenant, entries in ENTRIES.items():
            made.execute(_FILL, {"tenant": tenant, "entries": entries, "before": BEFORE[tenant]})
        made.execute("commit")
        built = _sums(made)
    if built != EXPECTED:
        raise DataError(f"the books built by SQLite {sqlite3.sqlite_version} differ from those of the lab: {built}")
    part.replace(path)


@cache
def base(tenant: str) -> Counter[tuple[str, str]]:
    """What stands on each account of the tenant when a run begins, in cents, by (month, account)."""
    sums: Counter[tuple[str, str]] = Counter()
    with closing(raw_connect(f"file:{ensure()}?mode=ro&immutable=1", uri=True)) as db:
        sql = "select month, account, sum(cents) from lines where tenant = ? group by month, account"
        for month, account, cents in db.execute(sql, (tenant,)):
            sums[month, account] = cents
    return sums


@cache
def suspended(tenant: str) -> tuple[tuple[str, int], ...]:
    """The lines that stand on the suspense account when a run begins: (entry, cents)."""
    with closing(raw_connect(f"file:{ensure()}?mode=ro&immutable=1", uri=True)) as db:
        sql = "select entry, cents from lines where tenant = ? and account = ?"
        return tuple(db.execute(sql, (tenant, SUSPENSE)))


@cache
def posting(entry: str) -> tuple[str, str, int]:
    """What the entry of this name posts: (debit, credit, cents). One in six is posted on the suspense account."""
    digest = hashlib.sha256(entry.encode()).digest()
    debit, step, cents = digest[0] % 40, 1 + digest[1] % 39, 100_000 + int.from_bytes(digest[2:6], "big") % 90_000_000
    return SUSPENSE if digest[6] % 6 == 0 else ACCOUNTS[debit], ACCOUNTS[(debit + step) % 40], cents
