"""A bucket of tokens for each client, and a bound on the queue of all: 429 for greed, 503 for overload."""

import asyncio

CONSUMERS = 2
BOUND = 20  # jobs of all clients: less than half of patience x capacity = 50
RATE = 8.0  # tokens a second for each client
BURST = 8.0  # tokens that a client can save up


class Intake:
    """Between the shops that ask for labels and the renderer that makes them."""

    def __init__(self, renderer) -> None:
        self.renderer = renderer
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)
        self.buckets: dict = {}  # client: (tokens, when they were counted)

    async def offer(self, job) -> None:
        """A request has come: end it, now or later, with job.finish(label) or job.refuse(retry_after=seconds)."""
        if not self.pays(job):
            job.refuse(retry_after=1, status=429)
            return
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)

    def pays(self, job) -> bool:
        tokens, counted = self.buckets.get(job.client, (BURST, job.arrived))
        tokens = min(BURST, tokens + RATE * (job.arrived - counted))
        self.buckets[job.client] = (tokens - 1 if tokens >= 1 else tokens, job.arrived)
        return tokens >= 1

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
