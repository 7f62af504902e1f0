"""A limit for each version: while calls of the old one end, the new one makes its own."""

LIKE = "right_snapshot"
CHANGED = {
    """\
        self.gate.resize(settings.limit)
""": """\
        self.gate = Gate()
        self.gate.resize(settings.limit)
""",
}
