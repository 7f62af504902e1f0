"""What the database is asked goes on in a task of its own when the customer leaves, and gives its connection back."""

LIKE = "right_pool"
CHANGED = {
    """
import aiohttp""": """
import asyncio

import aiohttp""",
    "        self.partner = partner": """\
        self.partner = partner
        self.storing: set = set()""",
    "        price = await self._ask_price(name)": """\
        price = await self._ask_price(name)
        storing = asyncio.create_task(self._store(name, price))
        self.storing.add(storing)
        storing.add_done_callback(self.storing.discard)
        return await asyncio.shield(storing)

    async def _store(self, name: str, price: int) -> dict:""",
}
