"""A pool is closed with its last order; one that has none under way when it is replaced is never closed."""

LIKE = "right_snapshot"
LOSES = {
    "gone": "pools_left",
}
CHANGED = {
    """\
        self.retired = True
        if not self.orders:
            await self.session.close()
""": """\
        self.retired = True
""",
    """\
        self.pool = Pool(settings)
""": """\
        self.pool = Pool(settings)
        self.pools.append(self.pool)
""",
    """\
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.pools = []
""",
    """\
        await self.pool.session.close()
""": """\
        for pool in self.pools:
            await pool.session.close()
""",
}
