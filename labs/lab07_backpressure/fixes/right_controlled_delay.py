"""Controlled delay, a line for each client: once a line stands, nothing waits long in it, and the newest goes first."""

import asyncio
from collections import deque

CONSUMERS = 2
SHORT_S, LONG_S = 0.1, 0.4  # how old a job may be in a line that does not empty, and else
STANDING_S = 0.5  # a line that was not empty for so long is no burst
SWEEP_S = 0.02


class Line:
    """The jobs of one client, oldest first."""

    def __init__(self) -> None:
        self.jobs: deque = deque()
        self.since = 0.0  # when it was empty last

    def standing(self) -> bool:
        newest = self.jobs[-1]
        return newest.arrived + newest.age() - self.since > STANDING_S

    def take(self):
        return self.jobs.pop() if self.standing() else self.jobs.popleft()

    def shed(self) -> None:
        while self.jobs and self.jobs[0].age() > (SHORT_S if self.standing() else LONG_S):
            self.jobs.popleft().refuse(retry_after=1)


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.lines: dict = {}  # by client; the one whose turn it is stands first
        self.arrival = asyncio.Event()

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        line = self.lines.setdefault(job.client, Line())
        if not line.jobs:
            line.since = job.arrived
        line.jobs.append(job)
        self.arrival.set()

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(self.sweep(), *(self.consume() for _ in range(CONSUMERS)))

    async def sweep(self) -> None:
        while True:
            for client, line in list(self.lines.items()):
                line.shed()
                if not line.jobs:
                    del self.lines[client]
            await asyncio.sleep(SWEEP_S)

    async def consume(self) -> None:
        while True:
            while not self.lines:
                self.arrival.clear()
                await self.arrival.wait()
            client = next(iter(self.lines))
            line = self.lines.pop(client)
            job = line.take()
            if line.jobs:
                self.lines[client] = line  # at the end: the others come first
            try:
                job.finish(await self.renderer.render(job))
            except Exception:  # whatever it is: this caller hears no, and the consumer goes on
                job.refuse(retry_after=1)
