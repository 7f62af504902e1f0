"""The newest first, without a bound: most are served in time, and the old ones starve without a word."""

import asyncio

LOSES = {"told": "left_waiting", "waiting": "no_word", "fair": "starved", "sent_away": "silence"}

CONSUMERS = 2


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.LifoQueue = asyncio.LifoQueue()

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
