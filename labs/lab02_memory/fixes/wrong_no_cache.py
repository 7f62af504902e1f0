"""No cache at all: memory stays level, and the store answers every visit."""

LIKE = "right_bytes"
LOSES = {"hits": "no_cache"}
CHANGED = {
    "from collections import OrderedDict, deque": "from collections import deque",
    """
MOST_BYTES = 24_000_000""": "",
    """
        self.cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self.held = 0""": "",
    """\
        body = self.cache.get((name, options))
        if body is None:
            body = render(await self._figures(name), options)
            self._keep(name, options, body)
        else:
            self.cache.move_to_end((name, options))""": "        body = render(await self._figures(name), options)",
    '''\
        """A report has changed at the store: what was rendered from it is out of date."""
        for key in [key for key in self.cache if key[0] == name]:
            self.held -= len(self.cache.pop(key))
''': '''\
        """A report has changed at the store. Nothing is kept, so nothing is out of date."""
''',
    """

    def _keep(self, name: str, options: str, body: bytes) -> None:
        self.held += len(body) - len(self.cache.pop((name, options), b""))
        self.cache[name, options] = body
        while self.held > MOST_BYTES:
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)""": "",
}
