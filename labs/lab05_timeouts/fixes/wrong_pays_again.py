"""A charge that failed is sent once more, without a key: where the answer was lost and not the charge, money moves twice."""

LIKE = "right_asyncio_timeout"
LOSES = {"paid": "paid_twice"}
CHANGED = {
    '        return await self.ask(visit, "payments", "POST", "/charge", json=order)': """\
        try:
            return await self.ask(visit, "payments", "POST", "/charge", json=order)
        except Unavailable:
            return await self.ask(visit, "payments", "POST", "/charge", json=order)""",
}
