"""The values of the file are used, but the session was made once, with the limit and the timeout of the start."""

LIKE = "right_snapshot"
LOSES = {
    "limit": "limit_captured",
    "timeout": "timeout_captured",
}
CHANGED = {
    """\
        self.pool = Pool(settings)
""": """\
        if not self.version:
            self.pool = Pool(settings)
""",
    """\
                old = self.pool
                self.use(settings)
                await old.retire()""": "                self.use(settings)",
}
