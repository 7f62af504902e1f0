"""The view number is read in one call and written in another: in between, another price reads the same number."""

LIKE = "right_all"
LOSES = {"counted": "lost_views"}
CHANGED = {
    "        views = await self.loop.run_in_executor(self.writer, self._count_view, sku)": """\
        views = await self.loop.run_in_executor(self.writer, self._read_views, sku) + 1
        await self.loop.run_in_executor(self.writer, self._write_views, sku, views)""",
    """
    def _count_view(self, sku: str) -> int:
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))""": """
    def _read_views(self, sku: str) -> int:
        return self.db.execute("select views from products where sku = ?", (sku,)).fetchone()[0]

    def _write_views(self, sku: str, views: int) -> None:
        self.db.execute("update products set views = ? where sku = ?", (views, sku))""",
    """
        return views + 1""": "",
}
