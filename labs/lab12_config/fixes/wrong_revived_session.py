"""A version that is put back gets its old session, which is closed with the last order that was under way."""

LIKE = "right_snapshot"
LOSES = {
    "none_lost": "put_back",
}
CHANGED = {
    """\
        self.pool = Pool(settings)
""": """\
        key = (settings.version, settings.limit)
        if key not in self.pools or self.pools[key].session.closed:
            self.pools[key] = Pool(settings)
        self.pool = self.pools[key]
""",
    """\
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.pools = {}
""",
    """\
                await old.retire()
""": """\
                if old is not self.pool:
                    await old.retire()
""",
}
