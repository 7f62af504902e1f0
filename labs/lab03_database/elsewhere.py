"""The page's query on a real PostgreSQL: EXPLAIN ANALYZE before and after the index, and statement_timeout."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from typing import Any

from labs.kit.worlds.live.postgres.server import server
from labs.lab03_database import data

TIMEOUT_MS = 5
SLICE = 20_000
TABLE = """
CREATE TEMP TABLE orders (
  id bigint PRIMARY KEY, customer_id integer NOT NULL, status text NOT NULL,
  created_at text NOT NULL, total_cents integer NOT NULL, address text NOT NULL
)
"""
QUERY = (
    "SELECT id, status, created_at, total_cents FROM orders"
    " WHERE customer_id = 150 ORDER BY created_at DESC, id DESC LIMIT 20"
)
INDEX = "CREATE INDEX orders_by_customer ON orders (customer_id, created_at, id)"
PATIENT = "SET statement_timeout = 0"
IMPATIENT = f"SET statement_timeout = '{TIMEOUT_MS}ms'"

Progress = Callable[[int, int], None]


def explain(progress: Progress | None = None) -> dict[str, list[str]]:
    """What PostgreSQL says, by heading. The orders are in a temporary table, so nothing stays, on a borrowed server either.

    Raises:
        NoServer: none can be had here (see `labs.kit.worlds.live.postgres.server`).
    """
    with server(shared_buffers="64MB") as address, ThreadPoolExecutor(1) as thread:
        # A thread of its own: a notebook's has an event loop already.
        return thread.submit(lambda: asyncio.run(_explain(address, progress))).result()


async def _explain(address: str, progress: Progress | None) -> dict[str, list[str]]:
    import asyncpg  # type: ignore[import-untyped]  # it ships no types

    connection = await asyncpg.connect(address)
    try:
        await connection.execute(TABLE)
        await _fill(connection, progress)
        told = {"Without an index:": await _plan(connection)}
        told[f"Without an index, and {IMPATIENT}:"] = [await _tried(connection)]
        await connection.execute(PATIENT)
        await connection.execute(INDEX)
        await connection.execute("ANALYZE orders")
        told[f"{INDEX}:"] = await _plan(connection)
        told[f"With it, and {IMPATIENT}:"] = [await _tried(connection)]
        return told
    finally:
        await connection.close()


async def _fill(connection: Any, progress: Progress | None) -> None:
    with closing(data.open_file(data.ensure())) as file:
        rows = file.execute("select id, customer_id, status, created_at, total_cents, address from orders")
        for done in range(0, data.ORDERS, SLICE):
            await connection.copy_records_to_table("orders", records=rows.fetchmany(SLICE))
            if progress is not None:
                progress(done + SLICE, data.ORDERS)
    await connection.execute("ANALYZE orders")


async def _plan(connection: Any) -> list[str]:
    await connection.fetch(QUERY)  # the second time, pages are in memory
    return [row[0] for row in await connection.fetch(f"EXPLAIN (ANALYZE, BUFFERS) {QUERY}")]


async def _tried(connection: Any) -> str:
    import asyncpg

    await connection.execute(IMPATIENT)
    try:
        rows = await connection.fetch(QUERY)
    except asyncpg.QueryCanceledError as error:
        return f"ERROR: {error}"
    return f"{len(rows)} rows"
