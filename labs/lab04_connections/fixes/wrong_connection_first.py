"""A connection is taken before the partner is asked. No transaction is open yet, and still nobody else can use it."""

LIKE = "wrong_partner_asked_inside"
LOSES = {"held": "held"}
CHANGED = {
    """\
            async with connection.transaction():
                price = await self._ask_price(name)
""": """\
            price = await self._ask_price(name)
            async with connection.transaction():
""",
}
