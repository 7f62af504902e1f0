"""From a name straight to what is kept of it, so that revised() need not search: of two currencies it finds the last."""

LIKE = "right_bytes"
LOSES = {"right_answers": "stale"}
CHANGED = {
    """\
        self.held = 0
""": """\
        self.held = 0
        self.latest: dict[str, tuple[str, str]] = {}
""",
    """\
        for key in [key for key in self.cache if key[0] == name]:
            self.held -= len(self.cache.pop(key))
""": """\
        key = self.latest.pop(name, None)
        if key in self.cache:
            self.held -= len(self.cache.pop(key))
""",
    """\
        self.cache[name, options] = body
""": """\
        self.cache[name, options] = body
        self.latest[name] = (name, options)
""",
    """\
            self.held -= len(oldest)
""": """\
            self.held -= len(oldest)
        self.latest = {name: key for name, key in self.latest.items() if key in self.cache}
""",
}
