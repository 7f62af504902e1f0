"""Each statement is committed by itself: who leaves between the two has a number, and no price."""

LIKE = "right_pool"
LOSES = {"whole": "half"}
CHANGED = {
    """\
            async with connection.transaction():
                number = await self._reserve(connection, name)
                await connection.execute("select shop.confirm($1, $2)", number, price)""": """\
            number = await self._reserve(connection, name)
            await connection.execute("select shop.confirm($1, $2)", number, price)""",
}
