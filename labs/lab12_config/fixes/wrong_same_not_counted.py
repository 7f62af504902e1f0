"""A bad file that was counted once is not counted again, though it came again."""

LIKE = "right_snapshot"
LOSES = {
    "told": "same_not_counted",
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
        self.gate = Gate()
""": """\
        self.gate = Gate()
        self.counted = set()
""",
}
