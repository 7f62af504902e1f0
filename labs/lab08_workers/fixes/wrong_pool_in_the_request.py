"""A process pool, and the customer waits for it: the loop is free, and the queue is in the requests."""

import asyncio
from concurrent.futures import ProcessPoolExecutor

import aiohttp

from labs.lab08_workers.rendering import Page, height

LOSES = {"accepts": "work_in_the_request", "kept": "in_the_request", "stops": "died_in_the_request"}

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
        self.delivered: set[str] = set()

    async def start(self) -> None:
        """Called once, before the first request; also when the process was killed and is started again."""
        self.loop = asyncio.get_running_loop()
        self.processes = ProcessPoolExecutor(RENDERERS)
        self.session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Called once, before the process ends."""
        await self.session.close()

    async def order(self, order: str, lines: list[str]) -> None:
        """Take in an order, make its invoice and deliver it."""
        text = await self.loop.run_in_executor(self.processes, render, order, lines)
        url, headers = f"{self.partner}/invoices/{order}", {"Idempotency-Key": order}
        async with self.session.post(url, data=text.encode(), headers=headers) as answer:
            answer.raise_for_status()
        self.delivered.add(order)

    async def state(self, order: str) -> str:
        """What GET /status answers: "delivered", "accepted" or "unknown"."""
        return "delivered" if order in self.delivered else "unknown"
