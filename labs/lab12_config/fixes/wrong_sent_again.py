"""An order whose connection was dropped is sent again: the bank had charged it."""

LIKE = "right_snapshot"
LOSES = {
    "once": "sent_again",
}
CHANGED = {
    """\
                async with pool.session.post(self.bank + "/debit", json=debit, headers=headers) as response:
                    response.raise_for_status()
                    receipt = await response.json()
""": """\
                try:
                    receipt = await self.charge(pool, debit, headers)
                except aiohttp.ServerDisconnectedError:
                    receipt = await self.charge(pool, debit, headers)
""",
    """\
    async def order(self, order: dict) -> dict:
""": """\
    async def charge(self, pool: Pool, debit: dict, headers: dict) -> dict:
        async with pool.session.post(self.bank + "/debit", json=debit, headers=headers) as response:
            response.raise_for_status()
            return await response.json()

    async def order(self, order: dict) -> dict:
""",
}
