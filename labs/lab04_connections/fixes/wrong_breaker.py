"""A breaker before the pool, which opens for a second after any order that failed; sold out counts as failed, too."""

LIKE = "right_pool"
LOSES = {"served": "turned_away", "recovers": "turned_away", "restart": "turned_away", "calm": "turned_away"}
CHANGED = {
    """
import aiohttp""": """
import time

import aiohttp""",
    "WAIT_S = 0.4": """\
WAIT_S = 0.4
OPEN_S = 1.0""",
    "        self.partner = partner": """\
        self.partner = partner
        self.closed_again = 0.0""",
    "        price = await self._ask_price(name)": """\
        if time.monotonic() < self.closed_again:
            raise Busy(name)
        try:
            return await self._order(name)
        except Exception:
            self.closed_again = time.monotonic() + OPEN_S
            raise

    async def _order(self, name: str) -> dict:
        price = await self._ask_price(name)""",
}
