"""The old session is closed at once, and an order that is cut off is made again: the bank may have charged it."""

LIKE = "right_snapshot"
LOSES = {
    "none_lost": "cut_off",
    "once": "twice",
    "logs": "other_version",
}
CHANGED = {
    "                await old.retire()": "                await old.session.close()",
    """\
        if self.retired and not self.orders:
            await self.session.close()
""": "",
    '''\
    async def order(self, order: dict) -> dict:
        """Charge one order; what its customer is told."""
''': '''\
    async def order(self, order: dict) -> dict:
        """Charge one order; what its customer is told."""
        while True:
            pool = self.pool
            try:
                return await self.charge(order)
            except (aiohttp.ClientError, RuntimeError):
                if pool is self.pool:
                    raise

    async def charge(self, order: dict) -> dict:
''',
}
