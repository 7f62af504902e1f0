"""A bulkhead round each service, which refuses every call above a number at once; and a timeout."""

LIKE = "right_adaptive"
CHANGED = {
    """\
import time
from collections import deque""": "import asyncio",
    """
LEAST_S, MOST_S = 0.3, 0.48
FACTOR = 3""": """
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
AT_ONCE = 30""",
    "self.took: dict = {name: deque(maxlen=100) for name in urls}": (
        "self.places = {name: asyncio.Semaphore(AT_ONCE) for name in TIMEOUTS_S}"
    ),
    "        self.session = aiohttp.ClientSession(trace_configs=self.tracing)": """\
        connector = aiohttp.TCPConnector(limit=0)  # the semaphores are the limit
        self.session = aiohttp.ClientSession(connector=connector, trace_configs=self.tracing)""",
    "        given = min(MOST_S, max(LEAST_S, FACTOR * max(self.took[name], default=MOST_S)), visit.left())": """\
        if self.places[name].locked():
            raise Unavailable(f"{AT_ONCE} calls to {name} are under way already")
        async with self.places[name]:
            return await self.call(visit, name, method, path, **more)

    async def call(self, visit, name: str, method: str, path: str, **more) -> dict:
        given = min(TIMEOUTS_S[name], visit.left())""",
    """
        begun = time.monotonic()""": "",
    """\
                answer = await response.json()
                self.took[name].append(time.monotonic() - begun)
                return answer""": "                return await response.json()",
}
