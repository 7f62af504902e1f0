"""A fair bound, and a third worker when jobs wait long: with a ceiling, and a cool-down after each change."""

import asyncio
from collections import Counter

BOUND = 20
SHARE = 8
FEWEST, CEILING = 2, 3  # workers: a spike is over before a new one works, so the bound must hold anyway
LOOK_S = 0.5
LONG_WAIT_S = 0.2
COOL_DOWN_S = 6.0  # a new worker needs 3 s to start; what it changes must show before the next decision


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
            wanted = self.workers
            if self.wait > LONG_WAIT_S and not self.queue.empty():
                wanted = min(self.workers + 1, CEILING)
            elif self.queue.empty():
                wanted = max(self.workers - 1, FEWEST)
            if wanted != self.workers:
                self.workers = await self.renderer.rent(wanted)
                await asyncio.sleep(COOL_DOWN_S)

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.held[job.client] -= 1
            self.wait = job.age()
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)
