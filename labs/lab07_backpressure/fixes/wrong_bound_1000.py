"""A bound of 1000: twenty seconds of work for callers who wait for one."""

import asyncio

LOSES = {
    "goodput": "nothing_refused",
    "told": "left_waiting",
    "waiting": "no_word",
    "recovers": "nothing_refused",
    "fair": "short_for_all",
    "sent_away": "silence",
}

CONSUMERS = 2
BOUND = 1000


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            job.finish(await self.renderer.render(job))
