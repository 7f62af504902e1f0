"""Clients take turns, and what has waited for 0.4 s is refused when its turn comes, before any work."""

import asyncio
from collections import deque

CONSUMERS = 2
TOO_OLD_S = 0.4  # less than half of the patience: what is begun is done in time
SWEEP_S = 0.05


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.lines: dict = {}  # client: the jobs that wait, oldest first; the client whose turn it is stands first
        self.arrival = asyncio.Event()

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        self.lines.setdefault(job.client, deque()).append(job)
        self.arrival.set()

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(self.sweep(), *(self.consume() for _ in range(CONSUMERS)))

    async def sweep(self) -> None:
        while True:
            for client, line in list(self.lines.items()):
                while line and line[0].age() > TOO_OLD_S:
                    line.popleft().refuse(retry_after=1)
                if not line:
                    del self.lines[client]
            await asyncio.sleep(SWEEP_S)

    async def consume(self) -> None:
        while True:
            job = await self.next_job()
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)

    async def next_job(self):
        while True:
            while not self.lines:
                self.arrival.clear()
                await self.arrival.wait()
            client = next(iter(self.lines))
            line = self.lines.pop(client)
            job = line.popleft()
            if line:
                self.lines[client] = line  # at the end: the others come first
            if job.age() <= TOO_OLD_S:
                return job
            job.refuse(retry_after=1)
