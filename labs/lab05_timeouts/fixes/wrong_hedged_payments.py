"""A second charge is sent where the first takes long, without a key: both may move money."""

LIKE = "right_adaptive"
LOSES = {"paid": "paid_twice"}
CHANGED = {
    """\
import time
from collections import deque""": "import asyncio",
    """
LEAST_S, MOST_S = 0.3, 0.48
FACTOR = 3""": """
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
HEDGE_AFTER_S = 0.1""",
    """
        self.took: dict = {name: deque(maxlen=100) for name in urls}""": "",
    "    async def checkout(self, visit, order: dict) -> dict:": """\
    async def checkout(self, visit, order: dict) -> dict:
        first = asyncio.create_task(self.charge(visit, order))
        done, _ = await asyncio.wait({first}, timeout=HEDGE_AFTER_S)
        calls = {first} if done else {first, asyncio.create_task(self.charge(visit, order))}
        while calls:
            done, calls = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            for call in done:
                if call.exception() is None:
                    for other in calls:
                        other.cancel()
                    return call.result()
        raise Unavailable("payments: neither call was answered")

    async def charge(self, visit, order: dict) -> dict:""",
    "given = min(MOST_S, max(LEAST_S, FACTOR * max(self.took[name], default=MOST_S)), visit.left())": (
        "given = min(TIMEOUTS_S[name], visit.left())"
    ),
    """\
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        begun = time.monotonic()""": '        headers = {"X-Request-Id": visit.request_id, "X-Timeout-S": f"{given:.3f}"}',
    """\
                answer = await response.json()
                self.took[name].append(time.monotonic() - begun)
                return answer""": "                return await response.json()",
}
