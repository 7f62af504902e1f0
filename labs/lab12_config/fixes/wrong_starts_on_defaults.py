"""A process that is started while the file is bad runs on the values of its image."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "defaults",
}
CHANGED = {
    """\
        self.keep(found)
""": "",
    "            settings = parse(read(self.copy))": '            settings = Settings("image-1", 16, 1.0, 250, "EUR", {})',
}
