"""The copy is written when the version is another: a flag that somebody switched off in a hurry is on after a restart."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "forgets_flags",
}
CHANGED = {
    """\
        self.keep(found)
        return settings
""": """\
        if settings.version != self.version:
            self.keep(found)
        return settings
""",
}
