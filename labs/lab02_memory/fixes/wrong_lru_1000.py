"""A cache of 1,000 reports: memory is full long before this bound is reached."""

LIKE = "right_bytes"
LOSES = {"reports": "grows_with_reports", "limit": "crosses_limit"}
CHANGED = {
    "MOST_BYTES = 24_000_000": "MOST_REPORTS = 1000",
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
