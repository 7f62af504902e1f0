"""A report that two visitors missed at once is counted twice and taken off once: in time, nothing has room any more."""

LIKE = "right_bytes"
LOSES = {"hits": "forgets_after_stampede"}
CHANGED = {
    'self.held += len(body) - len(self.cache.pop((name, options), b""))': "self.held += len(body)",
}
