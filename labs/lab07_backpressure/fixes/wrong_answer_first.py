"""Answers before the work is done, and forgets what does not fit in: accepted no longer means done."""

import asyncio
from collections import Counter

LOSES = {"rendered": "not_rendered"}

CONSUMERS = 2
BOUND = 20
SHARE = 8


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)
        self.held: Counter = Counter()

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        job.finish(f"label of {job.id}")
        if self.held[job.client] >= SHARE or self.queue.full():
            return
        self.queue.put_nowait(job)
        self.held[job.client] += 1

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.held[job.client] -= 1
            await self.renderer.render(job)
