"""An autoscaler, careful not to flap, and a queue without a bound: new workers come for callers who have left."""

import asyncio

LOSES = {
    "goodput": "nothing_refused",
    "told": "left_waiting",
    "waiting": "no_word",
    "recovers": "nothing_refused",
    "fair": "short_for_all",
    "sent_away": "silence",
}

FEWEST, CEILING = 2, 3
LOOK_S = 0.5
LONG_WAIT_S = 0.2
SURE_AFTER = 8  # looks
COOL_DOWN_S = 6.0


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue()
        self.wait = 0.0  # of the job that was taken last
        self.workers = FEWEST

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        self.queue.put_nowait(job)

    async def run(self) -> None:
        """Work the queue off; begun once, when the service starts."""
        await asyncio.gather(self.scale(), *(self.consume() for _ in range(CEILING)))

    async def scale(self) -> None:
        seen = 0
        while True:
            await asyncio.sleep(LOOK_S)
            seen = seen + 1 if self.wait > LONG_WAIT_S and not self.queue.empty() else 0
            wanted = self.workers
            if seen >= SURE_AFTER:
                wanted = min(self.workers + 1, CEILING)
            elif self.queue.empty():
                wanted = max(self.workers - 1, FEWEST)
            if wanted != self.workers:
                self.workers = await self.renderer.rent(wanted)
                await asyncio.sleep(COOL_DOWN_S)

    async def consume(self) -> None:
        while True:
            job = await self.queue.get()
            self.wait = job.age()
            job.finish(await self.renderer.render(job))
