"""Silence is watched from the first answer on: a version that never came up was never heard, and cannot fall silent."""

LIKE = "right_sequential"
LOSES = {"silence": "silent_later"}
CHANGED = {
    "\n\n    def decide": "\n        self.heard = False\n\n    def decide",
    """\
            self.missing = 0.0
        else:
""": """\
            self.missing = 0.0
            self.heard = True
        elif self.heard:
""",
}
