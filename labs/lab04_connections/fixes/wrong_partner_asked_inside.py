"""The transaction begins before the partner is asked: while the partner is silent, the whole pool waits with it."""

LIKE = "right_pool"
LOSES = {"held": "held"}
CHANGED = {
    """\
        price = await self._ask_price(name)
        try:
            connection =""": """\
        try:
            connection =""",
    """\
                number = await self._reserve(connection, name)
""": """\
                price = await self._ask_price(name)
                number = await self._reserve(connection, name)
""",
}
