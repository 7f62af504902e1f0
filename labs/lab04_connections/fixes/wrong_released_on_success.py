"""A pool and a session, bounded; the connection is given back only where nothing was raised."""

LIKE = "right_pool"
LOSES = {"served": "turned_away", "recovers": "turned_away", "transactions": "left_open", "restart": "turned_away"}
CHANGED = {
    """\
        try:
            async with connection.transaction():
                number = await self._reserve(connection, name)
                await connection.execute("select shop.confirm($1, $2)", number, price)
        finally:
            await self.pool.release(connection)""": """\
        transaction = connection.transaction()
        await transaction.start()
        number = await self._reserve(connection, name)
        await connection.execute("select shop.confirm($1, $2)", number, price)
        await transaction.commit()
        await self.pool.release(connection)""",
}
