"""The start takes the copy, and the file on the disk for one that it has seen."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "missed_while_down",
}
CHANGED = {
    """\
        settings = self.look()
        if settings is None:  # a bad file: begin with the last good one
            settings = parse(read(self.copy))
""": """\
        settings = None if os.path.exists(self.copy) else self.look()
        if settings is None:
            settings = parse(read(self.copy))
            self.keep, keep = lambda data: None, self.keep
            self.look()
            self.keep = keep
""",
}
