"""The whole cache is cleared when it is full: popular reports go with those that nobody asks for again."""

LIKE = "right_bytes"
LOSES = {"hits": "popular_thrown_out"}
LIVE_MAY_DIFFER = {
    "reports": "what Python has freed it does not give back to the system at once, and live that is what is read"
}
CHANGED = {
    """\
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)""": """\
            self.cache.clear()
            self.held = 0""",
}
