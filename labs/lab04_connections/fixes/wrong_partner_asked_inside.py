"""The transaction begins before the partner is asked: while the partner is silent, the whole pool waits with it."""

LIKE = "right_pool"
LOSES = {"held": "held"}
CHANGED = {
    """
        price = await self._ask_price(name)""": "",
    "            async with connection.transaction():": """\
            async with connection.transaction():
                price = await self._ask_price(name)""",
}
