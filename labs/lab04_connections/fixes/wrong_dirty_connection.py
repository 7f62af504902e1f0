"""A pool of our own that takes connections back as they are: also in the middle of a failed transaction."""

LIKE = "right_own_queue"
LOSES = {"served": "errors", "told_no": "errors", "recovers": "errors", "transactions": "left_open", "restart": "errors"}
CHANGED = {
    "self.idle: asyncio.LifoQueue = asyncio.LifoQueue()": "self.idle: asyncio.Queue = asyncio.Queue()",
    "await self._give_back(connection)": "self.idle.put_nowait(connection)",
    """

    async def _give_back(self, connection: asyncpg.Connection) -> None:
        try:
            if connection.is_in_transaction():
                await connection.execute("rollback")
        except (asyncpg.PostgresError, asyncpg.InterfaceError, OSError):
            connection.terminate()
        finally:
            self.idle.put_nowait(connection)""": "",
}
