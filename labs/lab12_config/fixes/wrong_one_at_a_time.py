"""A lock round the whole order, so that no file can come in between: one order at a time."""

LIKE = "right_snapshot"
LOSES = {
    "limit": "slow",
    "timeout": "timeout_captured",
    "one_version": "no_answer",
    "none_lost": "lost",
    "gone": "no_answer",
    "logs": "no_answer",
    "live": "lost",
    "calm": "normal_load_harmed",
}
CHANGED = {
    "        self.seen = None\n": "        self.seen = None\n        self.lock = asyncio.Lock()\n",
    """
        settings, pool = self.settings, self.pool
""": """
        async with self.lock:
            return await self.charge(order)

    async def charge(self, order: dict) -> dict:
        settings, pool = self.settings, self.pool
""",
}
