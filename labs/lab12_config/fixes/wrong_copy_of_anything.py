"""The copy is written before the file is checked: it is as bad as the file."""

LIKE = "right_snapshot"
LOSES = {
    "restart": "down",
}
CHANGED = {
    """\
        self.keep(found)
""": "",
    "            settings = parse(found)": """\
            self.keep(found)
            settings = parse(found)""",
}
