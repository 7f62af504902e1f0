"""The old pools are kept, in case somebody still uses them; nobody ever closes them."""

LIKE = "right_snapshot"
LOSES = {
    "gone": "pools_left",
}
CHANGED = {
    """\
        self.pool = Pool(settings)
""": """\
        self.pool = Pool(settings)
        self.pools.append(self.pool)
""",
    """\
        self.seen = None
""": """\
        self.seen = None
        self.pools = []
""",
    """\
                old = self.pool
                self.use(settings)
                await old.retire()""": "                self.use(settings)",
    """\
        await self.pool.session.close()
""": """\
        for pool in self.pools:
            await pool.session.close()
""",
}
