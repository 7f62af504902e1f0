"""A short transaction for each statement, so that none is open for long: between the two an order is stored by half."""

LIKE = "right_pool"
LOSES = {"whole": "half"}
CHANGED = {
    "                number = await self._reserve(connection, name)": """\
                number = await self._reserve(connection, name)
            async with connection.transaction():""",
}
