"""Fire and forget: the work goes on in a task of the process, which ends with the process."""

import asyncio
from concurrent.futures import ProcessPoolExecutor

import aiohttp

from labs.lab08_workers.rendering import Page, height

LOSES = {"kept": "not_durable", "stops": "killed_at_work"}

RENDERERS = 2


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
        self.states: dict[str, str] = {}

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.loop = asyncio.get_running_loop()
        self.processes = ProcessPoolExecutor(RENDERERS)
        self.session = aiohttp.ClientSession()
        self.jobs: set[asyncio.Task] = set()

    async def stop(self) -> None:
        """Called once, before the process ends."""
        await asyncio.gather(*self.jobs)
        await self.session.close()

    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order, and answer at once."""
        self.states[order] = "accepted"
        job = asyncio.create_task(self.work(order, lines))
        self.jobs.add(job)
        job.add_done_callback(self.jobs.discard)

    async def work(self, order: str, lines: list[str]) -> None:
        text = await self.loop.run_in_executor(self.processes, render, order, lines)
        url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": order}
        async with self.session.post(url, data=text.encode(), headers=headers) as answer:
            answer.raise_for_status()
        self.states[order] = "delivered"

    async def state(self, order: str) -> str:
        """What GET /status answers: "delivered", "accepted" or "unknown"."""
        return self.states.get(order, "unknown")
