"""A cache with a bound that hears of no revision: memory is level, answers are old."""

LIKE = "right_bytes"
LOSES = {"right_answers": "stale"}
CHANGED = {
    '''\
        """A report has changed at the store: what was rendered from it is out of date."""
        for key in [key for key in self.cache if key[0] == name]:
            self.held -= len(self.cache.pop(key))
''': '''\
        """A report has changed at the store. It will leave the cache by itself, some day."""
''',
}
