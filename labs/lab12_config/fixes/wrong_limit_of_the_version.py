"""The limit is set when the version is another: one that was changed in a hurry never comes into force."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "same_version",
}
CHANGED = {
    """\
        self.gate.resize(settings.limit)
""": """\
        if settings.version != self.version:
            self.gate.resize(settings.limit)
""",
}
