"""The values of the file are used, but the session was made once, with the limit and the timeout of the start."""

LIKE = "right_snapshot"
LOSES = {
    "limit": "limit_captured",
    "timeout": "timeout_captured",
    "none_lost": "cut_off",
}
CHANGED = {
    """\
        self.pool = Pool(settings)
        self.gate.resize(settings.limit)
""": """\
        if not self.version:
            self.pool = Pool(settings)
            self.gate.resize(settings.limit)
""",
    "asyncio.timeout(settings.timeout_s)": "asyncio.timeout(self.pool.timeout_s)",
    """\
        self.orders = 0
""": """\
        self.orders, self.timeout_s = 0, settings.timeout_s
""",
    """\
                old = self.pool
                self.use(settings)
                await old.retire()""": "                self.use(settings)",
}
