"""Everything is repaired but the database: sqlite3 waits for the importer's lock on the loop."""

LIKE = "right_all"
LOSES = {"database": "database_holds_loop"}
CHANGED = {
    """\
        self.writer = ThreadPoolExecutor(1)
        self.db = await self.loop.run_in_executor(self.writer, lambda: sqlite3.connect(self.database, uri=True))
""": """\
        self.db = sqlite3.connect(self.database, uri=True)
""",
    """\
        await self.loop.run_in_executor(self.writer, self.db.close)
        for pool in (self.writer, self.hashing, self.processes):""": """\
        self.db.close()
        for pool in (self.hashing, self.processes):""",
    "views = await self.loop.run_in_executor(self.writer, self._count_view, sku)": "views = self._count_view(sku)",
}
