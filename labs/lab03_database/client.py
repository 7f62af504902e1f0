"""What the repair is given to reach the database: four calls, each of them one exchange on the wire, about 1 ms.

A statement is SQLite's, with `?` for its parameters. What changes rows is a transaction of its own, unless it is sent with
others in `execute_many` or `transaction`.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterable, Sequence
from contextvars import ContextVar
from typing import Any

import aiohttp

PATIENCE_S = 1.0
"""How long a call waits for the database before it gives up."""

request_id: ContextVar[str] = ContextVar("request_id", default="")
"""The request that is being answered; goes along to the database."""

Parameters = Sequence[Any]


class DatabaseError(Exception):
    """The database refused the statement; the message is its own."""


class DatabaseTimeout(Exception):
    """The database did not answer in time. It may still be at work."""


class Database:
    """The shop's database, over the network."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self._session = session
        self._url = url

    async def query(self, sql: str, params: Parameters = (), *, timeout_s: float = PATIENCE_S) -> list[dict[str, Any]]:
        """The rows of a SELECT, each a dict by column name. Raises DatabaseError, DatabaseTimeout."""
        answer = await self._ask("query", {"sql": sql, "params": list(params)}, timeout_s)
        return [dict(zip(answer["columns"], row, strict=True)) for row in answer["rows"]]

    async def execute(self, sql: str, params: Parameters = (), *, timeout_s: float = PATIENCE_S) -> int:
        """Run one statement that changes rows, in a transaction of its own. How many rows it changed; raises as `query`."""
        return await self.transaction([(sql, [params])], timeout_s=timeout_s)

    async def execute_many(self, sql: str, rows: Iterable[Parameters], *, timeout_s: float = PATIENCE_S) -> int:
        """Run one statement once for each row of parameters, in one transaction. How many rows it changed; as `query`."""
        return await self.transaction([(sql, rows)], timeout_s=timeout_s)

    async def transaction(
        self, statements: Iterable[tuple[str, Iterable[Parameters]]], *, timeout_s: float = PATIENCE_S
    ) -> int:
        """Run several statements, each once for each of its rows of parameters, in one transaction: all of it, or nothing.

        How many rows changed; raises as `query`.
        """
        plain = [{"sql": sql, "rows": [list(row) for row in rows]} for sql, rows in statements]
        answer = await self._ask("transaction", {"statements": plain}, timeout_s)
        return int(answer["changed"])

    async def _ask(self, path: str, body: dict[str, Any], timeout_s: float) -> dict[str, Any]:
        headers = {"X-Request-Id": request_id.get()}
        try:
            async with (
                asyncio.timeout(timeout_s),
                self._session.post(f"{self._url}/{path}", json=body, headers=headers) as response,
            ):
                answer: dict[str, Any] = await response.json()
        except TimeoutError:
            raise DatabaseTimeout(f"the database did not answer within {timeout_s:g} s") from None
        if response.status != 200:
            raise DatabaseError(answer["error"])
        return answer
