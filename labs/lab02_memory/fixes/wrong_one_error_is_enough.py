"""A revision marks what is out of date, and the mark goes before the new figures come: after one error, the old report."""

LIKE = "right_bytes"
LOSES = {"right_answers": "stale_in_outage"}
CHANGED = {
    "        self.held = 0": """\
        self.held = 0
        self.outdated: set[tuple[str, str]] = set()""",
    "        body = self.cache.get((name, options))": """\
        body = None if (name, options) in self.outdated else self.cache.get((name, options))
        self.outdated.discard((name, options))""",
    """\
        for key in [key for key in self.cache if key[0] == name]:
            self.held -= len(self.cache.pop(key))
""": """\
        self.outdated.update(key for key in self.cache if key[0] == name)
""",
}
