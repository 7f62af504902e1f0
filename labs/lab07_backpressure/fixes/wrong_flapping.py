"""Rents at the first job that waits and releases at the first idle look: paid for, and gone before it works."""

import asyncio
from collections import Counter

LOSES = {"cost": "flaps"}

BOUND = 20
SHARE = 8
FEWEST, CEILING = 2, 6
LOOK_S = 0.2
LONG_WAIT_S = 0.1


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)
        self.held: Counter = Counter()
        self.wait = 0.0  # of the job that was taken last
        self.workers = FEWEST

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
        await asyncio.gather(self.scale(), *(self.consume() for _ in range(CEILING)))

    async def scale(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            wanted = CEILING if self.wait > LONG_WAIT_S else FEWEST
            if wanted != self.workers:
                self.workers = await self.renderer.rent(wanted)

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.held[job.client] -= 1
            self.wait = job.age()
            job.finish(await self.renderer.render(job))
