"""The newest first, without a bound: most are served in time, and the callers of old jobs hear nothing."""

LIKE = "broken"
LOSES = {"told": "left_waiting", "waiting": "no_word", "fair": "starved", "sent_away": "silence"}
CHANGED = {
    "self.queue: asyncio.Queue = asyncio.Queue()": "self.queue: asyncio.LifoQueue = asyncio.LifoQueue()",
    "await self.queue.put(job)": "self.queue.put_nowait(job)",
}
