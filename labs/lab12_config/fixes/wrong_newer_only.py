"""The file is read if it is newer than before: one that is put back is older, and is never read."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "stuck",
}
CHANGED = {
    """\
        try:
            found = read(self.path)
        except OSError as error:
            found = str(error)
        if found == self.seen:
            return None
        self.seen = found
""": """\
        try:
            changed = os.stat(self.path).st_mtime_ns
            if self.seen is not None and changed <= self.seen:
                return None
            self.seen = changed
            found = read(self.path)
        except OSError as error:
            found = str(error)
            if self.reason.endswith(found):
                return None
""",
}
