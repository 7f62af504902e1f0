"""The transaction is begun and never committed. The pool cleans up what it gets back: it rolls back, quietly."""

LIKE = "right_pool"
LOSES = {"answers": "not_stored"}
CHANGED = {
    """\
            async with connection.transaction():
                number = await self._reserve(connection, name)
                await connection.execute("select shop.confirm($1, $2)", number, price)""": """\
            await connection.transaction().start()
            number = await self._reserve(connection, name)
            await connection.execute("select shop.confirm($1, $2)", number, price)""",
}
