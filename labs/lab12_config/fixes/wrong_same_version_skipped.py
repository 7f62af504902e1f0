"""A file with the version that is in force is taken for one that is in force already."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "same_version",
    "kill_switch": "same_version",
}
CHANGED = {
    """\
            settings = parse(found)
""": """\
            settings = parse(found)
            if settings.version == self.version:
                self.reason = ""
                return None
""",
}
