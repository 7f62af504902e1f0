"""A bound of 20 for all clients together: the noisy one takes the places of the quiet ones."""

LIKE = "broken"
LOSES = {"told": "errors_untold", "fair": "starved"}
CHANGED = {
    "CONSUMERS = 2": """\
CONSUMERS = 2
BOUND = 20""",
    "self.queue: asyncio.Queue = asyncio.Queue()": "self.queue: asyncio.Queue = asyncio.Queue(BOUND)",
    "        await self.queue.put(job)": """\
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)""",
}
