"""A connection for each order, opened and closed; a semaphore bounds how many there are at once."""

LIKE = "right_pool"
CHANGED = {
    """
import aiohttp""": """
import asyncio

import aiohttp""",
    "self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)": (
        "self.turns = asyncio.Semaphore(CONNECTIONS)"
    ),
    """
        await self.pool.close()""": "",
    "connection = await self.pool.acquire(timeout=WAIT_S)": "await asyncio.wait_for(self.turns.acquire(), WAIT_S)",
    "            raise Busy(name) from None": """\
            raise Busy(name) from None
        try:
            number = await self._store(name, price)
        finally:
            self.turns.release()
        return {"name": name, "number": number, "price": price}

    async def _store(self, name: str, price: int) -> int:
        connection = await asyncpg.connect(self.database)""",
    """\
            await self.pool.release(connection)
        return {"name": name, "number": number, "price": price}""": """\
            await connection.close()
        return number""",
}
