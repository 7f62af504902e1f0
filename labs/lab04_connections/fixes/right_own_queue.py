"""A pool of our own: a queue of connections. What comes back is rolled back first, and what is dead is replaced."""

LIKE = "right_semaphore"
CHANGED = {
    "        self.turns = asyncio.Semaphore(CONNECTIONS)": """\
        self.idle: asyncio.LifoQueue = asyncio.LifoQueue()
        for _ in range(CONNECTIONS):
            self.idle.put_nowait(await asyncpg.connect(self.database))""",
    "        await self.session.close()": """\
        await self.session.close()
        while not self.idle.empty():
            await self.idle.get_nowait().close()""",
    "await asyncio.wait_for(self.turns.acquire(), WAIT_S)": "connection = await asyncio.wait_for(self.idle.get(), WAIT_S)",
    "            number = await self._store(name, price)": """\
            if connection.is_closed():
                connection = await asyncpg.connect(self.database)
            await connection.execute("begin")
            number = await self._reserve(connection, name)
            await connection.execute("select shop.confirm($1, $2)", number, price)
            await connection.execute("commit")""",
    "self.turns.release()": "await self._give_back(connection)",
    """
    async def _store(self, name: str, price: int) -> int:
        connection = await asyncpg.connect(self.database)""": """
    async def _give_back(self, connection: asyncpg.Connection) -> None:""",
    """\
            async with connection.transaction():
                number = await self._reserve(connection, name)
                await connection.execute("select shop.confirm($1, $2)", number, price)""": """\
            if connection.is_in_transaction():
                await connection.execute("rollback")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.terminate()""",
    """\
            await connection.close()
        return number""": "            self.idle.put_nowait(connection)",
}
