"""A timeout, and a breaker before recommendations: after five failures it is not asked for half a second."""

LIKE = "right_adaptive"
CHANGED = {
    """
from collections import deque""": "",
    """
LEAST_S, MOST_S = 0.3, 0.48
FACTOR = 3""": """
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
THRESHOLD = 5
OPEN_S = 0.5""",
    "        self.took: dict = {name: deque(maxlen=100) for name in urls}": """\
        self.failures = 0
        self.closed_from = 0.0""",
    "    async def product(self, visit, sku: str) -> dict:": """\
    async def product(self, visit, sku: str) -> dict:
        nothing: dict = {"sku": sku, "recommended": []}
        if time.monotonic() < self.closed_from:
            return nothing""",
    '            return {"sku": sku, "recommended": []}': """\
            self.failures += 1
            if self.failures >= THRESHOLD:
                self.closed_from = time.monotonic() + OPEN_S
            return nothing
        self.failures = 0""",
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
