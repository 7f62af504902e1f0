"""In an incident of both versions it waits, and answers nothing."""

LIKE = "right_sequential"
LOSES = {"decides": "malformed", "caught": "undecided"}
CHANGED = {
    "        passed = self.seconds\n": """\
        if sum(counts.errors for counts in now.stable.values()) > 10:
            return  # not our fault: wait
        passed = self.seconds
""",
}
