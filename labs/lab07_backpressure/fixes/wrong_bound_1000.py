"""A bound of 1000: twenty seconds of work for callers who wait for one."""

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
CONSUMERS = 2
BOUND = 1000""",
    "self.queue: asyncio.Queue = asyncio.Queue()": "self.queue: asyncio.Queue = asyncio.Queue(BOUND)",
    "        await self.queue.put(job)": """\
        try:
            self.queue.put_nowait(job)
        except asyncio.QueueFull:
            job.refuse(retry_after=1)""",
}
