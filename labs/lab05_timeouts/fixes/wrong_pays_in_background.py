"""Confirms each order at once and charges it in the background: fast, and wrong where the charge fails."""

LIKE = "right_adaptive"
LOSES = {"paid": "unpaid"}
CHANGED = {
    """\
import time
from collections import deque""": "import asyncio",
    """\
LEAST_S, MOST_S = 0.3, 0.48
FACTOR = 3""": 'TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}',
    "self.took: dict = {name: deque(maxlen=100) for name in urls}": "self.charges: set = set()",
    '        return await self.ask(visit, "payments", "POST", "/charge", json=order)': """\
        charge = asyncio.create_task(self.charge(visit, order))
        self.charges.add(charge)
        charge.add_done_callback(self.charges.discard)
        return {"order": order["id"], "number": 0}

    async def charge(self, visit, order: dict) -> None:
        try:
            await self.ask(visit, "payments", "POST", "/charge", json=order)
        except Unavailable:
            pass""",
    "given = min(MOST_S, max(LEAST_S, FACTOR * max(self.took[name], default=MOST_S)), visit.left())": (
        "given = min(TIMEOUTS_S[name], visit.left())"
    ),
    """
        begun = time.monotonic()""": "",
    """\
                answer = await response.json()
                self.took[name].append(time.monotonic() - begun)
                return answer""": "                return await response.json()",
}
