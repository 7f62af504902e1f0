"""A connection is taken before the partner is asked. No transaction is open yet, and still nobody else can use it."""

LIKE = "wrong_partner_asked_inside"
KNIFE_EDGE = "it is seen once the database is back while the partner is still silent, and a busy machine may be too late"
CHANGED = {
    """\
            async with connection.transaction():
                price = await self._ask_price(name)""": """\
            price = await self._ask_price(name)
            async with connection.transaction():""",
}
