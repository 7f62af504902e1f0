"""When the very file in force is back after a bad one, nothing is new, and the reason stays."""

LIKE = "right_snapshot"
LOSES = {
    "told": "same_not_cleared",
}
CHANGED = {
    """\
            settings = parse(found)
""": """\
            settings = parse(found)
            if self.version and settings == self.settings:
                return None
""",
}
