"""Bytes are counted when they come in, and not when a revision throws them out: the cache seems fuller than it is."""

LIKE = "right_bytes"
LOSES = {"hits": "forgets_after_revisions"}
CHANGED = {
    "self.held -= len(self.cache.pop(key))": "del self.cache[key]",
    "while self.held > MOST_BYTES:": "while self.held > MOST_BYTES and self.cache:",
}
