"""Two stages with a queue each in one table: renderers and deliverers claim with a token, and a late one writes nothing."""

import asyncio
import contextlib
import functools
import json
import sqlite3
import time
from concurrent.futures import ProcessPoolExecutor

import aiohttp

from labs.lab08_workers.rendering import Page, height

RENDERERS = 2
DELIVERERS = 6
LEASE_S = 2.0
LOOK_S = 0.1

SCHEMA = """
    create table if not exists jobs (
        name text primary key, lines text, invoice text, stage text, until real default 0, token integer default 0
    )
"""
CLAIM = """
    update jobs set until = :until, token = token + 1 where name = (
        select name from jobs where stage = :stage and until < :now order by rowid limit 1
    ) returning name, lines, invoice, token
"""


@functools.lru_cache(maxsize=1_000)
def row_height(line: str) -> int:
    """How high a line is: the same article in the same number comes again and again."""
    return height(line)


def render(order: str, lines: list[str]) -> str:
    """The invoice as text."""
    top = 0
    with Page(order) as page:
        for line in lines:
            page.print(line, top)
            top += row_height(line)
    return page.text


class Invoices:
    """Makes an invoice of each order, and delivers it to the partner."""

    def __init__(self, partner: str, database: str) -> None:
        self.partner = partner
        self.database = database

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.loop = asyncio.get_running_loop()
        self.processes = ProcessPoolExecutor(RENDERERS)
        self.session = aiohttp.ClientSession()
        self.db = sqlite3.connect(self.database, isolation_level=None)
        self.db.execute("pragma journal_mode = wal")
        self.db.execute(SCHEMA)
        self.stopping = False
        self.news = {"render": asyncio.Event(), "deliver": asyncio.Event()}
        stages = [("render", self.render)] * RENDERERS + [("deliver", self.deliver)] * DELIVERERS
        self.workers = [asyncio.create_task(self.work(stage, step)) for stage, step in stages]

    async def stop(self) -> None:
        """Called once, before the process ends: each worker ends the step that it is at."""
        self.stopping = True
        for news in self.news.values():
            news.set()
        await asyncio.gather(*self.workers)
        await self.session.close()
        self.processes.shutdown()
        self.db.close()

    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order. When this returns, it is on the disk."""
        self.db.execute(
            "insert or ignore into jobs (name, lines, stage) values (?, ?, 'render')", (order, json.dumps(lines))
        )
        self.news["render"].set()

    async def state(self, order: str) -> str:
        """What GET /status answers: "delivered", "accepted" or "unknown"."""
        found = self.db.execute("select stage from jobs where name = ?", (order,)).fetchone()
        if found is None:
            return "unknown"
        return "delivered" if found[0] == "done" else "accepted"

    async def work(self, stage: str, step) -> None:
        """One worker of a stage: claims a job, does its step, and hands it to the next stage."""
        while not self.stopping:
            now = time.time()
            self.news[stage].clear()
            claimed = self.db.execute(CLAIM, {"stage": stage, "now": now, "until": now + LEASE_S}).fetchall()
            if claimed:
                with contextlib.suppress(aiohttp.ClientError):  # the lease ends, and somebody tries again
                    await step(*claimed[0])
                continue
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self.news[stage].wait(), LOOK_S)

    async def render(self, order: str, lines: str, invoice: str | None, token: int) -> None:
        text = await self.loop.run_in_executor(self.processes, render, order, json.loads(lines))
        mine = "update jobs set stage = 'deliver', until = 0, invoice = ? where name = ? and token = ?"
        self.db.execute(mine, (text, order, token))
        self.news["deliver"].set()

    async def deliver(self, order: str, lines: str, invoice: str, token: int) -> None:
        """Hand an invoice to the partner, who takes a known Idempotency-Key for the same invoice again."""
        url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": order}
        async with self.session.post(url, data=invoice.encode(), headers=headers) as answer:
            answer.raise_for_status()
        self.db.execute("update jobs set stage = 'done' where name = ? and token = ?", (order, token))
