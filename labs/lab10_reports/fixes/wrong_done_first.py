"""A correction that is done is answered before the role of who asks is looked at."""

LIKE = "right_summary"
LOSES = {"access": "done_before_asked", "refusals": "untold"}
CHANGED = {
    "        self.writer, self": "        self.finished = set()\n        self.writer, self",
    '        await self.allow(who, "correct", name)\n': """\
        if (who.tenant, name) in self.finished:
            return
        await self.allow(who, "correct", name)
""",
    "            if not lines:\n                return": """\
            if not lines:
                self.finished.add((who.tenant, name))
                return""",
}
