"""No errors were counted, so nothing is wrong."""

LIKE = "right_sequential"
LOSES = {"silence": "undecided"}
CHANGED = {
    """
MISSING = 15.0  # so many requests that the new version should have had, and none of them counted""": "",
    """
        self.missing = 0.0

    def decide""": """

    def decide""",
    "(self.silent(now) or self.worse(now))": "self.worse(now)",
    '''\
    def silent(self, now) -> bool:
        """Has the new version counted nothing, though users were sent there?"""
        if any(counts.requests for counts in now.canary.values()):
            self.missing = 0.0
        else:
            stable = sum(counts.requests for counts in now.stable.values())
            self.missing += stable * now.share / (1 - now.share)
        return self.missing > MISSING

''': "",
}
