"""A rate limit of 30 a second for all: safe, and two fifths of the capacity stay unused."""

LIKE = "broken"
LOSES = {
    "goodput": "renderer_idle",
    "told": "errors_untold",
    "fair": "short_for_all",
    "normal": "normal_load_harmed",
}
CHANGED = {
    "import asyncio": """\
import asyncio
from collections import Counter""",
    "CONSUMERS = 2": """\
CONSUMERS = 2
RATE = 30.0
BURST = 5.0
SHARE = 8""",
    "        self.queue: asyncio.Queue = asyncio.Queue()": """\
        self.queue: asyncio.Queue = asyncio.Queue()
        self.held: Counter = Counter()
        self.tokens = BURST
        self.counted = 0.0""",
    "        await self.queue.put(job)": """\
        if self.held[job.client] >= SHARE:
            job.refuse(retry_after=1, status=429)
            return
        self.tokens = min(BURST, self.tokens + RATE * (job.arrived - self.counted))
        self.counted = job.arrived
        if self.tokens < 1:
            job.refuse(retry_after=1, status=429)
            return
        self.tokens -= 1
        self.held[job.client] += 1
        self.queue.put_nowait(job)""",
    "            job = await self.queue.get()": """\
            job = await self.queue.get()
            self.held[job.client] -= 1""",
}
