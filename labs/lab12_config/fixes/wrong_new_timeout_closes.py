"""The old session is closed when the new timeout is over: it is shorter, and cuts off orders of the old version."""

LIKE = "right_snapshot"
LOSES = {
    "none_lost": "cut_off",
}
CHANGED = {
    "                await old.retire()": """\
                asyncio.get_running_loop().call_later(settings.timeout_s + 0.05, self.close_soon, old)""",
    """\
        if self.retired and not self.orders:
            await self.session.close()

    async def retire""": """\

    async def retire""",
    "    def look(self)": """\
    def close_soon(self, old: Pool) -> None:
        task = asyncio.create_task(old.retire())
        self.closing.add(task)
        task.add_done_callback(self.closing.discard)

    def look(self)""",
    """\
        self.retired = True
        if not self.orders:
            await self.session.close()
""": """\
        await self.session.close()
""",
    """\
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.closing = set()
""",
}
