"""A limit for each version: while calls of the old one are under way, the new one makes as many again."""

LIKE = "right_snapshot"
LOSES = {
    "limit": "limit_each_version",
}
CHANGED = {
    """\
        self.gate.resize(settings.limit)
""": """\
        self.gate = Gate()
        self.gate.resize(settings.limit)
""",
}
