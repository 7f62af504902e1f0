"""A bound of 20 and put_nowait, and nobody catches QueueFull: who does not get in hears an error, and is back at once."""

import asyncio

LOSES = {"told": "errors", "waiting": "errors", "fair": "starved", "sent_away": "errors"}

CONSUMERS = 2
BOUND = 20


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        self.queue.put_nowait(job)

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            job.finish(await self.renderer.render(job))
