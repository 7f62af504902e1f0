"""Sheds what has waited as long as its caller would: what is left is begun just too late."""

import asyncio
from collections import Counter

LOSES = {
    "goodput": "nothing_refused",
    "told": "dropped",
    "waiting": "no_word",
    "fair": "short_for_all",
    "sent_away": "silence",
}

CONSUMERS = 2
TOO_OLD_S = 1.0
SHARE = 8


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue()
        self.held: Counter = Counter()

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        if self.held[job.client] >= 60:
            job.refuse(retry_after=1, status=429)
            return
        self.held[job.client] += 1
        self.queue.put_nowait(job)

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.held[job.client] -= 1
            if job.age() > TOO_OLD_S:
                job.refuse(retry_after=1)
                continue
            job.finish(await self.renderer.render(job))
