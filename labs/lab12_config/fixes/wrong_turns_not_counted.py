"""A bad file is counted once until a good one comes: of two that come in turns, the first is not counted again."""

LIKE = "right_snapshot"
LOSES = {
    "told": "turns_not_counted",
}
CHANGED = {
    """\
            self.refused += 1
""": """\
            if str(found) not in self.counted:
                self.counted.add(str(found))
                self.refused += 1
""",
    """\
        self.reason = ""
        self.keep(found)
""": """\
        self.reason = ""
        self.counted.clear()
        self.keep(found)
""",
    """\
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.counted = set()
""",
}
