"""The database: a service that owns the orders, executes all SQL, and runs no repair. What it counts can be believed.

It serves SLOTS statements at a time; the others wait in line. For each statement the record has an event "statement":
what it did by SQLite's own counters, how long it waited and took. For each text of a statement there is one event "plan",
what EXPLAIN QUERY PLAN says of it. Statements over SLOW_S are in the log as "slow query".
"""

from __future__ import annotations

import asyncio
import json
import sqlite3
import time
from collections.abc import AsyncIterator, Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, closing
from dataclasses import dataclass, replace
from typing import Any

from aiohttp import web

from labs.kit import Env, application, names, sampling, sqlite_cost, work
from labs.lab03_database import data
from labs.lab03_database.cost import SLOTS, database_s, disk_s

SLOW_S = 0.05
MOST_ROWS = 20_000
MOST_PLANS = 200
MOST_BYTES = 8 << 20
LONGEST_SQL = 600
STEPS_A_LOOK = 100_000
STEPS_A_PAGE = 140
"""Of a full scan of the orders; for a Python that hides the counters of its SQLite."""
MOST_STEPS = 100_000_000
"""A statement that never ends is ended: by its steps, so that a slow machine ends no other one."""

_ROWS_ONLY = {
    sqlite3.SQLITE_SELECT, sqlite3.SQLITE_READ, sqlite3.SQLITE_FUNCTION, sqlite3.SQLITE_RECURSIVE,
    sqlite3.SQLITE_INSERT, sqlite3.SQLITE_UPDATE, sqlite3.SQLITE_DELETE,
}  # fmt: skip
_NO_MIGRATION = {
    sqlite3.SQLITE_ATTACH, sqlite3.SQLITE_DETACH, sqlite3.SQLITE_DROP_TABLE,
    sqlite3.SQLITE_CREATE_VTABLE, sqlite3.SQLITE_TRANSACTION,
}  # fmt: skip
_PRAGMAS_DONE = {"optimize", "analysis_limit"}
_PRAGMAS_TAKEN = {
    "journal_mode", "synchronous", "foreign_keys", "busy_timeout", "cache_size", "temp_store", "mmap_size",
}  # fmt: skip
"""They change nothing here, so they are not executed: most are a matter of the connection, which is not the one that
serves, and what a commit costs is the lab's to say (see `cost`)."""


class Refused(Exception):
    """A statement that the database does not execute; the message is for whoever sent it."""

    def __init__(self, why: object, sql: str) -> None:
        super().__init__(f"{why}: {sql[:LONGEST_SQL]}")


@dataclass(frozen=True)
class Done:
    """What became of one statement or transaction: the answer, what was executed, what it took."""

    answer: dict[str, Any]
    sql: str
    rows: int  # given out, or changed
    executed: int  # statements, counted once for each row of parameters
    commits: int
    work: sqlite_cost.Work


class Between:
    """Has the statements of one request, a file, run between the first statement of another, a page, and its others."""

    def __init__(self, page: str, file: str) -> None:
        self.page, self.file = page, file
        self.begun = False
        self.first_done, self.file_done = asyncio.Event(), asyncio.Event()

    async def turn(self, request_id: str) -> None:
        """Wait until a statement of this request may run."""
        if request_id == self.file:
            await self.first_done.wait()
        elif request_id == self.page:
            if self.begun:
                await self.file_done.wait()
            self.begun = True

    def done(self, request_id: str) -> None:
        """A statement of this request was executed, or refused."""
        if request_id == self.page:
            self.first_done.set()
        elif request_id == self.file:
            self.file_done.set()

    def end(self) -> None:
        """Nobody waits any more."""
        self.first_done.set()
        self.file_done.set()


class Engine:
    """The one connection, for one thread at a time."""

    def __init__(self, address: str) -> None:
        self.address = address
        library = sqlite_cost.find_library()
        self.connection = sqlite3.connect(address, uri=True, isolation_level=None, check_same_thread=False)
        self.connection.set_authorizer(_rows_only)
        self.connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, MOST_BYTES)
        self.meter = sqlite_cost.Meter(self.connection, library)
        self.plans: set[str] = set()
        self._left = 0
        if library is not None:  # without it, the simulated world counts steps by this very handler
            self.connection.set_progress_handler(self._look, STEPS_A_LOOK)

    def _look(self) -> int:
        self._left -= STEPS_A_LOOK
        return int(self._left < 0)

    def query(self, sql: str, params: list[Any]) -> Done:
        """The rows of one statement. Raises Refused."""
        before = self._begin()
        try:
            cursor = self.connection.execute(sql, params)
            rows = cursor.fetchmany(MOST_ROWS + 1)
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            self.meter.take()
            raise Refused(error, sql) from None
        if len(rows) > MOST_ROWS:
            raise Refused(f"more than {MOST_ROWS:,} rows", sql)
        columns = [column[0] for column in cursor.description or ()]
        cursor.close()
        commits = int(self.connection.total_changes != before)
        return Done({"columns": columns, "rows": rows}, sql, len(rows), 1, commits, self._work())

    def transaction(self, statements: list[tuple[str, list[list[Any]]]]) -> Done:
        """All of the statements, or nothing. Raises Refused."""
        before, sql = self._begin(), ""
        self._control("begin immediate")
        try:
            for sql, rows in statements:
                self.connection.executemany(sql, rows)
            self._control("commit")
        except (sqlite3.Error, sqlite3.Warning, OverflowError) as error:
            self._control("rollback")
            self.meter.take()
            raise Refused(error, sql) from None
        changed = self.connection.total_changes - before
        told = "; ".join(dict.fromkeys(sql for sql, _ in statements))
        executed = sum(len(rows) for _, rows in statements)
        return Done({"changed": changed}, told, changed, executed, int(changed > 0), self._work())

    def _control(self, sql: str) -> None:
        self.connection.set_authorizer(None)
        self.connection.execute(sql)
        self.connection.set_authorizer(_rows_only)

    def _begin(self) -> int:
        self._left = MOST_STEPS
        return self.connection.total_changes

    def plan(self, sql: str, params: list[Any]) -> list[list[Any]] | None:
        """Rows (id, parent, text) of EXPLAIN QUERY PLAN, the first time that this text is met; takes no time of the run."""
        if sql in self.plans or len(self.plans) >= MOST_PLANS:
            return None
        self.plans.add(sql)
        with closing(data.raw_connect(self.address, uri=True)) as aside:
            try:
                return [[row[0], row[1], row[3]] for row in aside.execute(f"explain query plan {sql}", params)]
            except sqlite3.Error:
                return None

    def _work(self) -> sqlite_cost.Work:
        """What was done since the last look. Without the library, pages are guessed from steps, or the disk took no time."""
        done = self.meter.take()
        return done if done.known else replace(done, misses=done.steps // STEPS_A_PAGE)

    def stored(self, first: int, end: int) -> int:
        """How many orders have an id from `first` on and below `end`; takes no time of the run."""
        with closing(data.raw_connect(self.address, uri=True)) as aside:
            return int(aside.execute("select count(*) from orders where id >= ? and id < ?", (first, end)).fetchone()[0])

    def migrate(self, statements: list[str]) -> None:
        """Change the schema, in no time of the run. Raises Refused."""
        with closing(data.raw_connect(self.address, uri=True)) as aside:
            aside.set_authorizer(_schema_only)
            for sql in statements:
                try:
                    aside.execute(sql)
                except (sqlite3.Error, sqlite3.Warning) as error:
                    raise Refused(_why_not(sql) or error, sql) from None


def _timed(execute: Callable[[], Done]) -> tuple[Done, float]:
    begun = time.perf_counter()
    return execute(), time.perf_counter() - begun


def rest_s(done: Done, took_s: float) -> float:
    """How long a statement that computed for `took_s` still occupies its place: the disk's time.

    Live, a machine computes faster or more slowly than the lab says; the difference is made up for here, as far as it goes,
    so that the database's capacity stays the lab's (see `doubt`).
    """
    disk = disk_s(done.work, done.commits)
    return disk if work.simulated() else max(0.0, database_s(done.work, done.commits) - took_s)


def _rows_only(action: int, *told: Any) -> int:
    return sqlite3.SQLITE_OK if action in _ROWS_ONLY else sqlite3.SQLITE_DENY


def _schema_only(action: int, name: str | None, *told: Any) -> int:
    if action != sqlite3.SQLITE_PRAGMA:
        return sqlite3.SQLITE_DENY if action in _NO_MIGRATION else sqlite3.SQLITE_OK
    pragma = (name or "").lower()
    if pragma in _PRAGMAS_TAKEN:
        return sqlite3.SQLITE_IGNORE  # SQLite then does nothing, and says so to nobody
    return sqlite3.SQLITE_OK if pragma in _PRAGMAS_DONE else sqlite3.SQLITE_DENY


def _why_not(sql: str) -> str:
    """Of a PRAGMA that is refused: which ones are not."""
    if not sql.lstrip().lower().startswith("pragma"):
        return ""
    return f"of the PRAGMAs a migration may have {', '.join(sorted(_PRAGMAS_DONE | _PRAGMAS_TAKEN))}"


def database(env: Env) -> web.Application:
    """POST /query, /transaction, and, once, /migrate. Bodies and answers are JSON; see `client`.

    For the partner: POST /between and DELETE /between, see `Between`; GET /stored?from=ID&to=ID, see `Engine.stored`.
    """
    engine: Any = None
    thread = ThreadPoolExecutor(1)
    slots = asyncio.Semaphore(SLOTS)
    waiting = 0
    migrated = ended = False
    between = Between("", "")

    async def serve(request: web.Request, execute: Callable[[], Done], params: list[Any]) -> web.Response:
        request_id, turns = request.headers.get("X-Request-Id", ""), between
        if request_id:
            await turns.turn(request_id)
        try:
            return await serve_now(request, execute, params)
        finally:
            turns.done(request_id)

    async def serve_now(request: web.Request, execute: Callable[[], Done], params: list[Any]) -> web.Response:
        nonlocal waiting
        begin, end = env.settings["stall_s"]
        if begin <= env.signals.now() < end:
            await env.until(end)
        asked = env.signals.now()
        waiting += 1
        async with slots:
            waiting -= 1
            if ended:  # what is still in line when the run ends
                return web.json_response({"error": "the database is shutting down"}, status=503)
            begun = env.signals.now()
            loop = asyncio.get_running_loop()
            try:
                done, took_s = await loop.run_in_executor(thread, _timed, execute)
            except Refused as error:
                return web.json_response({"error": str(error)}, status=400)
            await asyncio.sleep(rest_s(done, took_s))
        tell(done, request.headers.get("X-Request-Id", "")[:60], begun - asked, env.signals.now() - begun, params)
        return web.json_response(done.answer)

    def tell(done: Done, request_id: str, waited_s: float, took_s: float, params: list[Any]) -> None:
        sql = done.sql[:LONGEST_SQL]
        plan = engine.plan(done.sql, params)
        if plan is not None:
            env.signals.event("plan", sql, json.dumps(plan))
        told = {
            "request_id": request_id, "rows": done.rows, "executed": done.executed, "commits": done.commits,
            "waited_s": round(waited_s, 6), "took_s": round(took_s, 6), **vars(done.work),
        }  # fmt: skip
        env.signals.event("statement", sql, json.dumps(told))
        if database_s(done.work, done.commits) >= SLOW_S:
            env.signals.log.warning("slow query", sql=sql, **told)

    async def query(request: web.Request) -> web.Response:
        body = await request.json()
        sql, params = str(body["sql"]), list(body["params"])
        return await serve(request, lambda: engine.query(sql, params), params)

    async def transaction(request: web.Request) -> web.Response:
        body = await request.json()
        begin, end = env.settings["full_s"]
        if begin <= env.signals.now() < end:
            return web.json_response({"error": "database or disk is full"}, status=400)
        statements = [(str(one["sql"]), list(one["rows"])) for one in body["statements"]]
        first = [list(rows[0]) for _, rows in statements if rows][:1]
        return await serve(request, lambda: engine.transaction(statements), first[0] if first else [])

    async def migrate(request: web.Request) -> web.Response:
        nonlocal migrated
        if migrated:
            return web.json_response({"error": "the shop is open: it migrates once, when it starts"}, status=400)
        body = await request.json()
        migrated = True
        try:
            engine.migrate([str(sql) for sql in body["statements"]])
        except Refused as error:
            return web.json_response({"error": str(error)}, status=400)
        return web.json_response({})

    async def put_between(request: web.Request) -> web.Response:
        nonlocal between
        between.end()
        body = await request.json()
        between = Between(str(body["page"]), str(body["file"]))
        return web.json_response({})

    async def end_between(request: web.Request) -> web.Response:
        between.end()
        return web.json_response({})

    async def stored(request: web.Request) -> web.Response:
        return web.json_response({"orders": engine.stored(int(request.query["from"]), int(request.query["to"]))})

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal engine, ended
        with ExitStack() as ending:
            engine = Engine(ending.enter_context(data.private_copy()))
            ending.callback(engine.connection.close)
            ending.callback(thread.shutdown)
            if not engine.meter.take().known:
                env.signals.log.warning("steps and pages are unknown", reason="this Python hides its SQLite library")
            yield
            ended = True

    return application(
        web.post("/query", query), web.post("/transaction", transaction), web.post("/migrate", migrate),
        web.post("/between", put_between), web.delete("/between", end_between), web.get("/stored", stored),
        lifespan=lifespan,
        background=[lambda: sampling.report(env.signals, names.DATABASE_QUEUE, lambda: waiting)], client_max_size=MOST_BYTES,
    )  # fmt: skip
