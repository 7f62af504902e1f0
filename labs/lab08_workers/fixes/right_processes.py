"""A durable queue with leases, and two worker processes that know nothing but its file: they claim, compute and deliver."""

import asyncio
import json
import multiprocessing
import sqlite3
import time
import urllib.request
from concurrent.futures import ThreadPoolExecutor

from labs.lab08_workers.rendering import Page, height

WORKERS = 2  # the cores: more compute no faster
AT_ONCE = 4  # deliveries of one worker: 10 invoices a second x 0.2 s at the partner are 2, and some slack
LEASE_S = 3.0  # ten times what a job takes
LOOK_S = 0.02

SCHEMA = """
    create table if not exists jobs (name text primary key, lines text, state text, until real);
    create table if not exists stops (asked integer);
    delete from stops;
"""
CLAIM = """
    update jobs set state = 'leased', until = :until where name = (
        select name from jobs where state != 'done' and until < :now order by rowid limit 1
    ) returning name, lines
"""


def render(order: str, lines: list[str]) -> str:
    """The invoice as text."""
    top = 0
    with Page(order) as page:
        for line in lines:
            page.print(line, top)
            top += height(line)
    return page.text


def connect(database: str) -> sqlite3.Connection:
    """A connection for one thread of one process."""
    db = sqlite3.connect(database, isolation_level=None)
    db.execute("pragma journal_mode = wal")
    return db


# In a worker process ----------------------------------------------------------------------------------------------------


def work(database: str, partner: str) -> None:
    """Do one job after the other, until the shop stops."""
    db, under_way = connect(database), set()
    with ThreadPoolExecutor(AT_ONCE) as delivering:
        while not db.execute("select 1 from stops").fetchone():
            under_way = {delivery for delivery in under_way if not delivery.done()}
            now = time.time()
            free = len(under_way) < AT_ONCE
            claimed = db.execute(CLAIM, {"now": now, "until": now + LEASE_S}).fetchall() if free else []
            for order, lines in claimed:
                text = render(order, json.loads(lines))
                under_way.add(delivering.submit(deliver, database, partner, order, text))
            if not claimed:
                time.sleep(LOOK_S)
    db.close()


def deliver(database: str, partner: str, order: str, text: str) -> None:
    """Hand an invoice to the partner, who takes a known Idempotency-Key for the same invoice again; then tick it off."""
    headers = {"Idempotency-Key": order}
    with urllib.request.urlopen(urllib.request.Request(f"{partner}/invoices/{order}", text.encode(), headers)):
        pass
    db = connect(database)
    db.execute("update jobs set state = 'done' where name = ?", (order,))
    db.close()


# In the shop ------------------------------------------------------------------------------------------------------------


class Invoices:
    """Makes an invoice of each order, and delivers it to the partner."""

    def __init__(self, partner: str, database: str) -> None:
        self.partner = partner
        self.database = database

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.loop = asyncio.get_running_loop()
        self.writer = ThreadPoolExecutor(1)  # the one thread that uses the database here
        await self.loop.run_in_executor(self.writer, self.open)
        told = (self.database, self.partner)
        self.workers = [multiprocessing.Process(target=work, args=told, daemon=True) for _ in range(WORKERS)]
        for worker in self.workers:
            worker.start()

    async def stop(self) -> None:
        """Called once, before the process ends: the workers end what they have begun."""
        await self.execute("insert into stops values (1)")
        for worker in self.workers:
            await asyncio.to_thread(worker.join)

    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order. When this returns, it is on the disk."""
        await self.execute("insert or ignore into jobs values (?, ?, 'new', 0)", order, json.dumps(lines))

    async def state(self, order: str) -> str:
        """What GET /status answers: "delivered", "accepted" or "unknown"."""
        found = await self.execute("select state from jobs where name = ?", order)
        if not found:
            return "unknown"
        return "delivered" if found[0][0] == "done" else "accepted"

    def execute(self, sql: str, *values: str):
        """Execute one statement in the writer's thread; to be awaited for its rows."""
        return self.loop.run_in_executor(self.writer, lambda: self.db.execute(sql, values).fetchall())

    def open(self) -> None:
        self.db = connect(self.database)
        self.db.executescript(SCHEMA)
