"""After a bad file the shop falls back on the values of its image."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "falls_back",
    "restart": "never_kept",
}
CHANGED = {
    """\
            self.log.error("configuration refused", reason=self.reason, version=self.version)
            return None
""": """\
            self.log.error("configuration refused", reason=self.reason, version=self.version)
            return Settings("image-1", 16, 1.0, 250, "EUR", {})
""",
}
