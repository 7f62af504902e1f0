"""An autoscaler, careful not to flap, and a queue without a bound: new workers come for callers who have left."""

LIKE = "broken"
LOSES = {
    "goodput": "nothing_refused",
    "told": "left_waiting",
    "waiting": "no_word",
    "recovers": "nothing_refused",
    "fair": "short_for_all",
    "sent_away": "silence",
}
CHANGED = {
    "CONSUMERS = 2": """\
FEWEST, CEILING = 2, 3
LOOK_S = 0.5
LONG_WAIT_S = 0.2
SURE_AFTER = 8  # looks
COOL_DOWN_S = 6.0""",
    "        self.queue: asyncio.Queue = asyncio.Queue()": """\
        self.queue: asyncio.Queue = asyncio.Queue()
        self.wait = 0.0  # of the job that was taken last
        self.workers = FEWEST""",
    "await self.queue.put(job)": "self.queue.put_nowait(job)",
    "        await asyncio.gather(*(self.consume() for _ in range(CONSUMERS)))": """\
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
                await asyncio.sleep(COOL_DOWN_S)""",
    "            job = await self.queue.get()": """\
            job = await self.queue.get()
            self.wait = job.age()""",
}
