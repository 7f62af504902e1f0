"""Looks at the clock when the work is done: the renderer worked, and the caller gets a 503."""

import asyncio
from collections import Counter

LOSES = {"goodput": "refused_after_work", "waiting": "told_late"}

CONSUMERS = 2
BOUND = 40
SHARE = 8
TOO_OLD_S = 0.6


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)
        self.held: Counter = Counter()

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        if self.held[job.client] >= SHARE:
            job.refuse(retry_after=1, status=429)
            return
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)
            return
        self.held[job.client] += 1

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.held[job.client] -= 1
            label = await self.renderer.render(job)
            if job.age() > TOO_OLD_S:
                job.refuse(retry_after=1)
            else:
                job.finish(label)
