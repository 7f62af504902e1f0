"""Probes of SQLite, files, signals, and of what a host sees of the machine."""

from __future__ import annotations

import asyncio
import contextlib
import datetime
import gc
import io
import logging
import os
import pickle
import random
import secrets
import sqlite3
import sys
import tempfile
import threading
import time
import uuid
from pathlib import Path
from typing import Any

import structlog
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, ConsoleSpanExporter

from labs.kit.service.env import Env
from tests.kit.simulated.probes import probe

LATEST = "select * from orders where customer_id = ? order by created_at desc limit 20"


def orders(path: str, count: int) -> sqlite3.Connection:
    """A table of orders: 100 customers, in no order of time."""
    connection = sqlite3.connect(path)
    connection.execute("create table orders (id integer primary key, customer_id, status, created_at, note)")
    connection.executemany(
        "insert into orders values (?, ?, ?, ?, ?)",
        ((i, i % 100, "new", i * 7919 % count, "n" * 40) for i in range(count)),
    )
    connection.commit()
    return connection


@probe("sqlite3: cost of a query", 0.0, 2.0, returns=[True] * 5)
async def _query_cost(env: Env) -> Any:
    def took(connection: sqlite3.Connection) -> int:
        begun = time.monotonic_ns()
        connection.execute(LATEST, (77,)).fetchall()
        return time.monotonic_ns() - begun

    with tempfile.TemporaryDirectory() as folder:
        orders(f"{folder}/db", 20_000).close()
        costs = {}
        for index in ("", "created_at", "customer_id", "customer_id, created_at"):
            connection = sqlite3.connect(f"{folder}/db")
            connection.execute("drop index if exists by")
            if index:
                connection.execute(f"create index by on orders ({index})")
            connection.close()
            connection = sqlite3.connect(f"{folder}/db")
            connection.execute("pragma cache_size = 20")  # pages: the table does not fit, as a large one would not
            costs[index] = took(connection)
            connection.close()
        connection = sqlite3.connect(f"{folder}/db")
        begun = time.monotonic_ns()
        for i in range(3):
            with connection:
                connection.execute("insert into orders values (null, ?, 'new', 1, '')", (i,))
        three_commits = time.monotonic_ns() - begun
        begun = time.monotonic_ns()
        with connection:
            connection.executemany("insert into orders values (null, ?, 'new', 1, '')", [(i,) for i in range(3)])
        one_commit = time.monotonic_ns() - begun
        begun = time.monotonic_ns()
        rows = sum(1 for _ in connection.execute("select * from orders"))
        scan = time.monotonic_ns() - begun
        connection.close()
    return [
        costs["created_at"] > costs[""],  # a useless index is worse than none
        costs[""] > 5 * costs["customer_id"],
        costs["customer_id"] > costs["customer_id, created_at"] > 0,
        2 * one_commit < three_commits,
        rows == 20_006 and scan > 1_000_000,
    ]


LOCKED = "database is locked"


@probe("sqlite3: locks", 0.6, 0.75, returns=[["a", "ok"], ["b", "ok"], ["c", LOCKED], ["d", LOCKED], LOCKED])
async def _locks(env: Env) -> Any:
    def write(name: str, delay: float, timeout: float, pragma: bool = False) -> list[str]:
        time.sleep(delay)
        connection = sqlite3.connect(path, timeout=timeout, isolation_level=None)
        if pragma:
            connection.execute("PRAGMA busy_timeout = 100")
            assert connection.execute("pragma busy_timeout").fetchone() == (100,)
        try:
            connection.execute("begin immediate")
            connection.execute("update orders set status = 'old' where id = 1")
            time.sleep(0.3)
            connection.execute("commit")
            said = "ok"
        except sqlite3.OperationalError as error:
            said = str(error)
        connection.close()
        return [name, said]

    with tempfile.TemporaryDirectory() as folder:
        path = f"{folder}/db"
        orders(path, 10).close()
        writers = (("a", 0.0, 5.0), ("b", 0.01, 5.0), ("c", 0.02, 0.1), ("d", 0.02, 5.0, True))
        said = await asyncio.gather(*(asyncio.to_thread(write, *w) for w in writers))
        return [*said, await _met_by_an_update(orders(f"{folder}/large", 20_000))]


async def _met_by_an_update(connection: sqlite3.Connection) -> str:
    """What a writer is told that comes in the middle of one statement outside a transaction."""
    path = connection.execute("pragma database_list").fetchone()[2]
    connection.close()

    def update() -> None:
        with contextlib.closing(sqlite3.connect(path, isolation_level=None)) as whole:
            whole.execute("update orders set status = status || '.'")

    under_way = asyncio.create_task(asyncio.to_thread(update))
    await asyncio.sleep(0.005)
    with contextlib.closing(sqlite3.connect(path, timeout=0, isolation_level=None)) as other:
        try:
            other.execute("update orders set status = 'old' where id = 1")
            said = "ok"
        except sqlite3.OperationalError as error:
            said = str(error)
    await under_way
    return said


@probe("sqlite3: threads", 0.0, 2.0, returns=[True, True, True])
async def _query_threads(env: Env) -> Any:
    def scan(connection: sqlite3.Connection) -> None:
        connection.execute("select sum(customer_id * length(note)) from orders").fetchone()

    async def took(work: Any) -> tuple[float, float]:
        """How long `work` takes, and the longest that the loop was kept from its turn."""
        task, begun, worst = asyncio.ensure_future(work), time.monotonic(), 0.0
        while not task.done():
            before = time.monotonic()
            await asyncio.sleep(0.0005)
            worst = max(worst, time.monotonic() - before - 0.0005)
        return time.monotonic() - begun, worst

    async def here(connection: sqlite3.Connection) -> None:
        scan(connection)

    with tempfile.TemporaryDirectory() as folder:
        connections = [orders(f"{folder}/{name}", 50_000) for name in "ab"]
        for connection in connections:
            connection.close()
        a, b = (sqlite3.connect(f"{folder}/{name}", check_same_thread=False) for name in "ab")
        scan(a), scan(b)
        one, lag_on_loop = await took(here(a))
        two, lag_in_threads = await took(asyncio.gather(asyncio.to_thread(scan, a), asyncio.to_thread(scan, b)))
        same, _ = await took(asyncio.gather(asyncio.to_thread(scan, a), asyncio.to_thread(scan, a)))
        a.close()
        b.close()
    # Two connections on two cores take as long as one; the loop has its turn. One connection serves one at a time.
    return [two < 1.3 * one, lag_on_loop > 0.003 > lag_in_threads, same > 1.7 * one]


@probe("files", 0.0, returns="written")
async def _files(env: Env) -> Any:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "note")
        await asyncio.to_thread(path.write_text, "written")
        return path.read_text()  # noqa: ASYNC240 - small


@probe("logging", 0.25, returns="2023-11-14 22:13:21,250 INFO 1 at 22:13")
async def _logging(env: Env) -> Any:
    kept = io.StringIO()
    handler = logging.StreamHandler(kept)
    handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(thread)d %(message)s"))
    logger = logging.getLogger("probe")
    logger.setLevel(logging.INFO)
    logger.addHandler(handler)
    await asyncio.sleep(0.25)
    logger.info("at %s", time.strftime("%H:%M"))
    logging.getLogger("other").warning("to stderr")
    return kept.getvalue().strip()


@probe("print, sys.stdout, sys.stderr", 0.0)
async def _prints(env: Env) -> Any:
    print("one", 1, "\ud800")
    print("no newline", end="")
    print(" until now", file=sys.stdout, flush=True)
    sys.stderr.write("two\nthree")
    sys.stdout.buffer.write(b"four\n")
    print("x" * 1_000_000)


@probe("structlog", 0.0, returns="2023-11-14T22:13:21Z")
async def _structlog(env: Env) -> Any:
    kept: list[Any] = []
    stamp = structlog.processors.TimeStamper(fmt="iso", utc=True)

    def keep(logger: Any, method: str, event: dict[str, Any]) -> str:
        kept.append(event["timestamp"])
        raise structlog.DropEvent

    structlog.wrap_logger(structlog.PrintLogger(), processors=[stamp, keep]).info("hello")
    env.signals.log.info("to the record", request_id="r1")
    return kept[0]


@probe("OpenTelemetry: BatchSpanProcessor", 1.0, returns=[0, 1])
async def _batches(env: Env) -> Any:
    kept = io.StringIO()
    provider = TracerProvider(shutdown_on_exit=False)
    exporter = ConsoleSpanExporter(out=kept, formatter=lambda span: span.name + "\n")
    provider.add_span_processor(BatchSpanProcessor(exporter, schedule_delay_millis=600))
    with provider.get_tracer("probe").start_as_current_span("work"):
        await asyncio.sleep(0.1)
    await asyncio.sleep(0.4)
    before = kept.getvalue().count("work")
    await asyncio.sleep(0.5)
    return [before, kept.getvalue().count("work")]


@probe("tenacity", 0.6, returns=[3, 3])
async def _tenacity(env: Env) -> Any:
    import tenacity

    calls = [0, 0]
    options: dict[str, Any] = {"stop": tenacity.stop_after_attempt(3), "wait": tenacity.wait_exponential(multiplier=0.1)}

    @tenacity.retry(**options)
    async def later() -> None:
        calls[0] += 1
        raise ValueError

    @tenacity.retry(**options)
    def now() -> None:
        calls[1] += 1
        raise ValueError

    for work in (later(), asyncio.to_thread(now)):
        with contextlib.suppress(tenacity.RetryError):
            await work
    return calls


@probe("time, datetime", 0.5, returns=[1001.0, 1001.0, "2023-11-14 22:13:21", "2023-11-14", True, True, 1_700_000_001, True])
async def _clocks(env: Env) -> Any:
    began = datetime.datetime.now()
    said: list[Any] = [time.monotonic(), time.clock_gettime(time.CLOCK_MONOTONIC), str(began), str(datetime.date.today())]
    await asyncio.sleep(0.5)
    later = datetime.datetime.now(datetime.UTC)
    said.append(later.replace(tzinfo=None) - began == datetime.timedelta(seconds=0.5))
    said.append(pickle.loads(pickle.dumps(later)) == later and isinstance(began, datetime.datetime))
    said.append(int(time.time_ns() // 1_000_000_000))
    said.append(time.localtime()[:5] == time.gmtime()[:5] and time.asctime() == time.ctime())
    return said


@probe("random, secrets, os.urandom, uuid", 0.0)
async def _randomness(env: Env) -> Any:
    return [
        random.random(), random.Random().random(), random.SystemRandom().random(), secrets.token_hex(4),
        os.urandom(4).hex(), str(uuid.uuid4()), str(uuid.uuid1()), tempfile.mktemp(),
    ]  # fmt: skip


@probe("os.cpu_count, os.sched_getaffinity", 0.0, returns=[2, 2, 6])
async def _cores(env: Env) -> Any:
    import concurrent.futures

    affinity = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
    return [os.cpu_count(), affinity, concurrent.futures.ThreadPoolExecutor()._max_workers]


@probe("os.getpid, threading.get_ident", 0.0)
async def _numbers(env: Env) -> Any:
    idents = await asyncio.gather(*(asyncio.to_thread(threading.get_ident) for _ in range(3)))
    return [os.getpid(), threading.get_ident(), *idents, threading.main_thread().ident]


@probe("gc", 0.0)
async def _collector(env: Env) -> Any:
    class Cycle:
        def __init__(self, number: int) -> None:
            self.number, self.me = number, self

        def __del__(self) -> None:
            freed.append((self.number, made))

    freed: list[tuple[int, int]] = []
    made = 0
    for made in range(3000):
        Cycle(made)
    return [len(freed), freed[0], freed[-1], gc.get_count()]
