"""A task throws out what is old, and stop() waits for its end, which never comes: nobody cancels it."""

LIKE = "right_bytes"
LOSES = {"left_over": "stop_hangs"}
CHANGED = {
    "from collections import OrderedDict, deque": """\
import asyncio
from collections import OrderedDict, deque""",
    "        self.session = aiohttp.ClientSession()": """\
        self.session = aiohttp.ClientSession()
        self.sweeper = asyncio.create_task(self._sweep())""",
    "        await self.session.close()": """\
        await self.sweeper
        await self.session.close()

    async def _sweep(self) -> None:
        while True:
            await asyncio.sleep(5)
            while self.held > MOST_BYTES / 2:
                _, oldest = self.cache.popitem(last=False)
                self.held -= len(oldest)""",
}
