"""A cache of 120 reports: right for 200 KB each, ten times too large for those of 2 MB."""

LIKE = "right_bytes"
LOSES = {"limit": "count_is_no_size"}
CHANGED = {
    "MOST_BYTES = 24_000_000": "MOST_REPORTS = 120",
    """
        self.held = 0""": "",
    "self.held -= len(self.cache.pop(key))": "del self.cache[key]",
    """
        self.held += len(body) - len(self.cache.pop((name, options), b""))""": "",
    """\
        while self.held > MOST_BYTES:
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)""": """\
        while len(self.cache) > MOST_REPORTS:
            self.cache.popitem(last=False)""",
}
