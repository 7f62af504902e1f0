"""No file at all is taken for the first start of a new shop."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "missing_is_new",
}
CHANGED = {
    "            settings = parse(read(self.copy))": """\
            if os.path.lexists(self.path):
                settings = parse(read(self.copy))
            else:
                settings = Settings("image-1", 16, 1.0, 250, "EUR", {})""",
}
