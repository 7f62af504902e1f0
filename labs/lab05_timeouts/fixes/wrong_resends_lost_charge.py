"""A charge is sent again, without a key, where payments closed the connection before it answered: money moves twice."""

LIKE = "right_asyncio_timeout"
LOSES = {"paid": "paid_twice"}
CHANGED = {
    '        return await self.ask(visit, "payments", "POST", "/charge", json=order)': """\
        try:
            return await self.ask(visit, "payments", "POST", "/charge", json=order)
        except Unavailable as error:
            if isinstance(error.__cause__, aiohttp.ServerDisconnectedError):
                return await self.ask(visit, "payments", "POST", "/charge", json=order)
            raise""",
}
