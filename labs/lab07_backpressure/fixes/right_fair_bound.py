"""A bound on the queue, shared fairly: put_nowait or refuse; a client may hold its share of the places, and no more."""

import asyncio
from collections import Counter

CONSUMERS = 2
BOUND = 20  # less than half of patience x capacity = 50
SHARE = 8  # of these, the places that one client may hold


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
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)
