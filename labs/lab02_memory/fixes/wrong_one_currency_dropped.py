"""From a name straight to what is kept of it, so that revised() need not search: of two currencies it finds the last."""

LIKE = "right_bytes"
LOSES = {"right_answers": "stale"}
CHANGED = {
    "        self.held = 0": """\
        self.held = 0
        self.latest: dict[str, tuple[str, str]] = {}""",
    "        for key in [key for key in self.cache if key[0] == name]:": """\
        key = self.latest.pop(name, None)
        if key in self.cache:""",
    "        while self.held > MOST_BYTES:": """\
        self.latest[name] = (name, options)
        while self.held > MOST_BYTES:""",
    "            self.held -= len(oldest)": """\
            self.held -= len(oldest)
        self.latest = {name: key for name, key in self.latest.items() if key in self.cache}""",
}
