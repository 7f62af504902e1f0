"""A new pool for each order."""

LIKE = "right_pool"
LOSES = {"refused": "refused", "told_no": "errors"}
CHANGED = {
    """
WAIT_S = 0.4""": "",
    """
        self.pool = await asyncpg.create_pool(self.database, min_size=2, max_size=CONNECTIONS)""": "",
    """
        await self.pool.close()""": "",
    """\
        try:
            connection = await self.pool.acquire(timeout=WAIT_S)
        except TimeoutError:
            raise Busy(name) from None
        try:
            async with connection.transaction():""": """\
        async with asyncpg.create_pool(self.database, min_size=1, max_size=CONNECTIONS) as pool:
            async with pool.acquire() as connection, connection.transaction():""",
    """
        finally:
            await self.pool.release(connection)""": "",
}
