"""Answers before the work is done, and forgets what does not fit in: accepted no longer means done."""

LIKE = "broken"
LOSES = {"rendered": "not_rendered"}
CHANGED = {
    "import asyncio": """\
import asyncio
from collections import Counter""",
    "CONSUMERS = 2": """\
CONSUMERS = 2
BOUND = 20
SHARE = 8""",
    "        self.queue: asyncio.Queue = asyncio.Queue()": """\
        self.queue: asyncio.Queue = asyncio.Queue(BOUND)
        self.held: Counter = Counter()""",
    "        await self.queue.put(job)": """\
        job.finish(f"label of {job.id}")
        if self.held[job.client] >= SHARE or self.queue.full():
            return
        self.queue.put_nowait(job)
        self.held[job.client] += 1""",
    "            job.finish(await self.renderer.render(job))": """\
            self.held[job.client] -= 1
            await self.renderer.render(job)""",
}
