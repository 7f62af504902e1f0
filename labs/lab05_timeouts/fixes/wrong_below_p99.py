"""0.12 s for every service, twice the longest median: payments needs longer for one order in twelve."""

LIKE = "right_adaptive"
LOSES = {"calm": "health_refused"}
CHANGED = {
    """
import time
from collections import deque
""": "",
    """\
LEAST_S, MOST_S = 0.3, 0.48
FACTOR = 3""": 'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}',
    """
        self.took: dict = {name: deque(maxlen=100) for name in urls}""": "",
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
