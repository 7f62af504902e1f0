"""The views are counted in memory and written every half a second: all are in the database soon after the last price."""

LIKE = "wrong_views_in_memory"
CHANGED = {
    "        self.views: dict = {}": """\
        self.views: dict = {}
        self.writing = asyncio.create_task(self._write_behind())""",
    "        await self.session.close()": """\
        await self.session.close()
        self.writing.cancel()
        await self.loop.run_in_executor(self.writer, self._write_views)""",
    "    def _count_view(self, sku: str) -> int:": """\
    async def _write_behind(self) -> None:
        while True:
            await asyncio.sleep(0.5)
            await self.loop.run_in_executor(self.writer, self._write_views)

    def _write_views(self) -> None:
        self.db.executemany("update products set views = ? where sku = ?", [(n, sku) for sku, n in self.views.items()])
        self.db.commit()

    def _count_view(self, sku: str) -> int:""",
}
