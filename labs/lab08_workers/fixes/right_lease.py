"""A durable queue with leases, two processes that compute, tasks that wait for the partner; each line measured once."""

import asyncio
import json
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor

import aiohttp

from labs.lab08_workers.rendering import Page, height

RENDERERS = 2  # the cores: more compute no faster
JOBS = 8  # of these 2 compute; 20 a second x 0.2 s = 4 wait for the partner, and some slack
LEASE_S = 3.0  # ten times what a job takes
LOOK_S = 0.1

SCHEMA = "create table if not exists jobs (name text primary key, lines text, state text, until real)"
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


class Invoices:
    """Makes an invoice of each order, and delivers it to the partner."""

    def __init__(self, partner: str, database: str) -> None:
        self.partner = partner
        self.database = database

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.loop = asyncio.get_running_loop()
        self.writer = ThreadPoolExecutor(1)  # the one thread that uses the database
        self.processes = ProcessPoolExecutor(RENDERERS)
        self.session = aiohttp.ClientSession()
        self.free = asyncio.Semaphore(JOBS)
        self.news = asyncio.Event()
        self.stopping = False
        self.jobs: set[asyncio.Task] = set()
        await self.in_writer(self.open)
        self.draining = asyncio.create_task(self.drain())

    async def stop(self) -> None:
        """Called once, before the process ends: no job is begun any more, and those under way are ended."""
        self.stopping = True
        self.news.set()
        await self.draining
        await asyncio.gather(*self.jobs)
        await self.session.close()
        self.processes.shutdown()

    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order. When this returns, it is on the disk."""
        await self.in_writer(self.execute, "insert or ignore into jobs values (?, ?, 'new', 0)", order, json.dumps(lines))
        self.news.set()

    async def state(self, order: str) -> str:
        """What GET /status answers: "delivered", "accepted" or "unknown"."""
        found = await self.in_writer(self.execute, "select state from jobs where name = ?", order)
        if not found:
            return "unknown"
        return "delivered" if found[0][0] == "done" else "accepted"

    async def drain(self) -> None:
        """Hand out jobs as long as there are any and somebody is free."""
        while True:
            await self.free.acquire()
            if self.stopping:
                return
            self.news.clear()
            claimed = await self.in_writer(self.claim)
            if claimed:
                job = asyncio.create_task(self.work(*claimed[0]))
                self.jobs.add(job)
                job.add_done_callback(self.jobs.discard)
                continue
            self.free.release()
            try:
                await asyncio.wait_for(self.news.wait(), LOOK_S)  # a lease may end without news
            except TimeoutError:
                pass

    async def work(self, order: str, lines: str) -> None:
        """One job, from the claim to the end; if it fails, its lease ends and somebody else takes it."""
        try:
            text = await self.loop.run_in_executor(self.processes, render, order, json.loads(lines))
            await self.deliver(order, text)
            await self.in_writer(self.execute, "update jobs set state = 'done' where name = ?", order)
        except aiohttp.ClientError:
            pass  # the partner did not take it
        finally:
            self.free.release()

    async def deliver(self, order: str, text: str) -> None:
        """Hand an invoice to the partner, who takes a known Idempotency-Key for the same invoice again."""
        url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": order}
        async with self.session.post(url, data=text.encode(), headers=headers) as answer:
            answer.raise_for_status()

    # In the writer's thread ---------------------------------------------------------------------------------------------

    def in_writer(self, function, *args):
        """Have the writer's thread call a function; to be awaited."""
        return self.loop.run_in_executor(self.writer, function, *args)

    def open(self) -> None:
        self.db = sqlite3.connect(self.database, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute(SCHEMA)

    def execute(self, sql: str, *values: str) -> list:
        return self.db.execute(sql, values).fetchall()

    def claim(self) -> list:
        now = time.time()
        return self.db.execute(CLAIM, {"now": now, "until": now + LEASE_S}).fetchall()
