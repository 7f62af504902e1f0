"""The views are counted in memory and written in stop(), which a page that is killed never comes to."""

LIKE = "wrong_views_in_memory"
LOSES = {"kept": "not_kept"}
LIVE_MAY_DIFFER = {"kept": "a live run ends with stop(), a simulated one with the end of the process"}
CHANGED = {
    "        await self.loop.run_in_executor(self.writer, self.db.close)": """\
        await self.loop.run_in_executor(self.writer, self._write_views)""",
    "    def _count_view(self, sku: str) -> int:": """\
    def _write_views(self) -> None:
        for sku, views in self.views.items():
            self.db.execute("update products set views = ? where sku = ?", (views, sku))
        self.db.commit()
        self.db.close()

    def _count_view(self, sku: str) -> int:""",
}
