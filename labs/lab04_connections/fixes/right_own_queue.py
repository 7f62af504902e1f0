"""A pool of our own: a queue of connections. What comes back is rolled back first, and what is dead is replaced."""

LIKE = "right_pool"
CHANGED = {
    """
import aiohttp""": """
import asyncio

import aiohttp""",
    "        self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)": """\
        self.idle: asyncio.LifoQueue = asyncio.LifoQueue()
        for _ in range(CONNECTIONS):
            self.idle.put_nowait(await asyncpg.connect(self.database))""",
    "        await self.pool.close()": """\
        while not self.idle.empty():
            await self.idle.get_nowait().close()""",
    "connection = await self.pool.acquire(timeout=WAIT_S)": "connection = await asyncio.wait_for(self.idle.get(), WAIT_S)",
    """\
            async with connection.transaction():
                number = await self._reserve(connection, name)
                await connection.execute("select shop.confirm($1, $2)", number, price)""": """\
            if connection.is_closed():
                connection = await asyncpg.connect(self.database)
            await connection.execute("begin")
            number = await self._reserve(connection, name)
            await connection.execute("select shop.confirm($1, $2)", number, price)
            await connection.execute("commit")""",
    "await self.pool.release(connection)": "await self._give_back(connection)",
    '        return {"name": name, "number": number, "price": price}': """\
        return {"name": name, "number": number, "price": price}

    async def _give_back(self, connection: asyncpg.Connection) -> None:
        try:
            if connection.is_in_transaction():
                await connection.execute("rollback")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.terminate()
        finally:
            self.idle.put_nowait(connection)""",
}
