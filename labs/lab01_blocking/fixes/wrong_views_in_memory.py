"""The views are read once and counted in memory: each number is right, and none is ever written."""

LIKE = "right_all"
LOSES = {"kept": "not_kept"}
CHANGED = {
    "        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))": """\
        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))
        self.views: dict = {}""",
    """\
        [views] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.db.execute("update products set views = ? where sku = ?", (views + 1, sku))
        self.db.commit()
        return views + 1""": """\
        if sku not in self.views:
            [self.views[sku]] = self.db.execute("select views from products where sku = ?", (sku,)).fetchone()
        self.views[sku] += 1
        return self.views[sku]""",
}
