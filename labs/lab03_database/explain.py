"""The page's query on a real PostgreSQL: EXPLAIN ANALYZE before and after the index, and statement_timeout."""

from __future__ import annotations

import asyncio
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from labs.kit import postgres
from labs.lab03_database import data

SLICE = 20_000
TABLE = """
CREATE TEMP TABLE orders (
  id bigint PRIMARY KEY, customer_id integer NOT NULL, status text NOT NULL,
  created_at text NOT NULL, total_cents integer NOT NULL, address text NOT NULL
)
"""
QUERY = data.PAGE_SQL.replace("?", "150")
INDEX = "CREATE INDEX orders_by_customer ON orders (customer_id, created_at, id)"
PATIENT = "SET statement_timeout = 0"
IMPATIENT = "SET statement_timeout = '5ms'"


def explain(progress: data.Progress) -> dict[str, list[str]]:
    """What PostgreSQL says, by heading. The orders are in a temporary table, so nothing stays, on a borrowed server either.

    Raises NoServer: none can be had here (see `labs.kit.postgres`).
    """
    with postgres.server(shared_buffers="64MB") as address, ThreadPoolExecutor(1) as thread:
        # A thread of its own: a notebook's has an event loop already.
        return thread.submit(lambda: asyncio.run(_explain(address, progress))).result()


async def _explain(address: str, progress: data.Progress) -> dict[str, list[str]]:
    import asyncpg  # type: ignore[import-untyped]  # it ships no types

    connection = await asyncpg.connect(address)
    try:
        await connection.execute(TABLE)
        await _fill(connection, progress)
        told = {"Without an index:": await _plan(connection)}
        told[f"Without an index, and {IMPATIENT}:"] = [await _tried(connection)]
        for sql in (PATIENT, INDEX, "ANALYZE orders"):
            await connection.execute(sql)
        told[f"{INDEX}:"] = await _plan(connection)
        told[f"With it, and {IMPATIENT}:"] = [await _tried(connection)]
        return told
    finally:
        await connection.close()


async def _fill(connection: Any, progress: data.Progress) -> None:
    with closing(data.open_file(data.ensure())) as file:
        rows = file.execute("select id, customer_id, status, created_at, total_cents, address from orders")
        for done in range(0, data.ORDERS, SLICE):
            await connection.copy_records_to_table("orders", records=rows.fetchmany(SLICE))
            progress(done + SLICE, data.ORDERS)
    await connection.execute("ANALYZE orders")


async def _plan(connection: Any) -> list[str]:
    await connection.fetch(QUERY)  # the second time, pages are in memory
    return [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {QUERY}")]


async def _tried(connection: Any) -> str:
    import asyncpg

    await connection.execute(IMPATIENT)
    try:
        return f"{len(await connection.fetch(QUERY))} rows"
    except asyncpg.QueryCanceledError as error:
        return f"ERROR: {error}"
