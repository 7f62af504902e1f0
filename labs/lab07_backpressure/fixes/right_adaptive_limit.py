"""A limit that finds itself: it grows while jobs are done soon, and shrinks when they are late (AIMD)."""

import asyncio
from collections import Counter

CONSUMERS = 2
LATE_S = 0.3  # a job that took longer says that the queue is too long
LEAST = 4
BACK_OFF = 0.9
PAUSE_S = 0.2  # one delay speaks once, however many jobs it made late


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue()  # what bounds it is the limit
        self.inside: Counter = Counter()
        self.limit = 10.0
        self.shrunk = float("-inf")

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        if self.inside[job.client] >= max(2, self.limit / 3):
            job.refuse(retry_after=1, status=429)
            return
        if self.inside.total() >= self.limit:
            job.refuse(retry_after=1)
            return
        self.inside[job.client] += 1
        self.queue.put_nowait(job)

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)
                continue
            finally:
                self.inside[job.client] -= 1
            self.adapt(job)

    def adapt(self, job) -> None:
        now = job.arrived + job.age()
        if job.age() < LATE_S:
            self.limit += 1 / self.limit
        elif now - self.shrunk > PAUSE_S:
            self.limit = max(LEAST, self.limit * BACK_OFF)
            self.shrunk = now
