"""A second counts only after three without an error: with half of the users, there are few of them."""

LIKE = "right_sequential"
LOSES = {"gets_out": "never_out"}
CHANGED = {
    """\
        passed = self.seconds
        self.seconds += 1
""": """\
        passed = self.seconds
        self.quiet = 0 if any(counts.errors for counts in now.canary.values()) else self.quiet + 1
        if self.quiet >= 3 or not now.share:
            self.seconds += 1
""",
    """\
        self.missing = 0.0

    def decide""": """\
        self.missing = 0.0
        self.quiet = 0

    def decide""",
}
