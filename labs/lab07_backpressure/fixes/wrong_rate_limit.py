"""A rate limit of 30 a second for all: safe, and two fifths of the capacity stay unused."""

import asyncio
from collections import Counter

LOSES = {"goodput": "renderer_idle", "fair": "short_for_all", "normal": "normal_load_harmed"}

CONSUMERS = 2
RATE = 30.0
BURST = 5.0
SHARE = 8


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue()
        self.held: Counter = Counter()
        self.tokens = BURST
        self.counted = 0.0

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        if self.held[job.client] >= SHARE:
            job.refuse(retry_after=1, status=429)
            return
        self.tokens = min(BURST, self.tokens + RATE * (job.arrived - self.counted))
        self.counted = job.arrived
        if self.tokens < 1:
            job.refuse(retry_after=1, status=429)
            return
        self.tokens -= 1
        self.held[job.client] += 1
        self.queue.put_nowait(job)

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.held[job.client] -= 1
            job.finish(await self.renderer.render(job))
