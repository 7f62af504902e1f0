"""Whether a user has a feature is kept for five seconds."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "wrong_share",
    "kill_switch": "late",
}
CHANGED = {
    """\
        found = self.settings.flags.get(flag)
""": """\
        now = asyncio.get_running_loop().time()
        known = self.answers.get((flag, user))
        if known is None or now > known[1] + 5:
            known = self.answers[flag, user] = self.ask(flag, user), now
        return known[0]

    def ask(self, flag: str, user: str) -> bool:
        found = self.settings.flags.get(flag)
""",
    """\
        self.seen = None
""": """\
        self.seen = None
        self.answers = {}
""",
}
