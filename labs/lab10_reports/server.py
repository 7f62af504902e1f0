"""The lab's questions to a PostgreSQL server: snapshots, a limit for statements, rights, and security row by row."""

from __future__ import annotations

import asyncio
import concurrent.futures
import time

import asyncpg  # type: ignore[import-untyped]

from labs.kit import postgres

LINES, TIMEOUT_MS = 40_000, 150
Row = tuple[str, str]
SETUP = f"""
create table lines (id serial primary key, tenant text, entry text, account text, cents int);
insert into lines (tenant, entry, account, cents)
    select case n % 2 when 0 then 'north' else 'south' end, 'base-' || n / 4, 'acc-' || n / 2 % 2, 5 - n / 2 % 2 * 10
    from generate_series(0, {LINES - 1}) n;
create table audit (seq serial primary key, told text);
revoke update, delete, truncate on audit from current_user;
alter table lines enable row level security;
create policy own on lines using (tenant = current_setting('app.tenant', true));
"""  # noqa: S608 - this file's own text
REPORT = "select account, sum(cents) from lines where tenant = 'north' group by account order by account"
POST = "insert into lines (tenant, entry, account, cents) values ('north', $1, 'acc-0', 7), ('north', $1, 'acc-1', -7)"
HUGE = "select count(*) from lines a join lines b on a.cents < b.cents"


def asked() -> list[Row]:
    """The questions and the answers, from a server that is started and ended here. Raises postgres.NoServer."""
    with concurrent.futures.ThreadPoolExecutor(1) as thread, postgres.server(max_connections=20) as url:
        return thread.submit(lambda: asyncio.run(_asked(url))).result()  # a notebook's own loop runs in this thread


async def _asked(url: str) -> list[Row]:
    reader, writer = await asyncpg.connect(url), await asyncpg.connect(url)
    try:
        await writer.execute(SETUP)
        return [
            *await _snapshot(reader, writer), await _two_moments(reader, writer), await _timeout(reader),
            *await _rows(reader), await _append_only(reader),
        ]  # fmt: skip
    finally:
        await reader.close()
        await writer.close()


async def _snapshot(reader: asyncpg.Connection, writer: asyncpg.Connection) -> list[Row]:
    async with reader.transaction(isolation="repeatable_read", readonly=True):
        before = await reader.fetch(REPORT)
        begun = time.perf_counter()
        for number in range(20):
            await writer.execute(POST, f"new-{number}")
        took = 1000 * (time.perf_counter() - begun) / 20
        after = await reader.fetch(REPORT)
    return [
        (
            "20 postings while a report's transaction is open",
            f"all booked, {took:.1f} ms each: a reader holds no writer out",
        ),
        (
            "the report, asked before and after them in that transaction",
            "the same sums" if before == after else "other sums",
        ),
    ]


async def _two_moments(reader: asyncpg.Connection, writer: asyncpg.Connection) -> Row:
    sums = []
    async with reader.transaction(isolation="read_committed"):
        for account in ("acc-0", "acc-1"):
            sql = "select sum(cents) from lines where tenant = 'north' and account = $1"
            sums.append(await reader.fetchval(sql, account))
            await writer.execute(POST, f"between-{account}")
    return "account by account at READ COMMITTED, a posting in between", f"the books are out by {abs(sum(sums))} cents"


async def _timeout(reader: asyncpg.Connection) -> Row:
    await reader.execute(f"set statement_timeout = {TIMEOUT_MS}")
    try:
        await reader.fetchval(HUGE)
        told = "it was answered"
    except asyncpg.QueryCanceledError as error:
        told = f"{type(error).__name__}: {error}"
    await reader.execute("set statement_timeout = 0")
    return f"a join of all lines with all lines, statement_timeout = {TIMEOUT_MS} ms", told


async def _rows(reader: asyncpg.Connection) -> list[Row]:
    rows = []
    await reader.execute("alter table lines force row level security")  # for the table's owner too, who is asking here
    for tenant in ("north", "south", ""):
        await reader.execute("select set_config('app.tenant', $1, false)", tenant)
        seen = await reader.fetch("select tenant, count(*) from lines group by tenant order by tenant")
        told = ", ".join(f"{count:,} lines of {name}" for name, count in seen) or "no line at all"
        rows.append((f"all lines, without a word on tenants, as {tenant or 'nobody'}", told))
    return rows


async def _append_only(reader: asyncpg.Connection) -> Row:
    await reader.execute("insert into audit (told) values ('posted')")
    try:
        await reader.execute("delete from audit")
        told = "the row is gone"
    except asyncpg.InsufficientPrivilegeError as error:
        told = f"{type(error).__name__}: {error}"
    return "delete from audit, by a user who may only insert and read", told
