"""A bound of 20 and put_nowait, but nobody catches QueueFull: a refused caller gets an error, and is back at once."""

LIKE = "broken"
LOSES = {"told": "errors", "waiting": "errors", "fair": "starved", "sent_away": "errors"}
CHANGED = {
    "CONSUMERS = 2": """\
CONSUMERS = 2
BOUND = 20""",
    "self.queue: asyncio.Queue = asyncio.Queue()": "self.queue: asyncio.Queue = asyncio.Queue(BOUND)",
    "await self.queue.put(job)": "self.queue.put_nowait(job)",
}
