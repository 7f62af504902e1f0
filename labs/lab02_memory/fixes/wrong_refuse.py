"""Once the cache holds 24 MB, every report that is not in it is refused."""

LIKE = "right_bytes"
LOSES = {"answered": "visits_fail"}
CHANGED = {
    "from collections import OrderedDict, deque": "from collections import deque",
    """\
        self.cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self.held = 0""": "        self.cache: dict[tuple[str, str], bytes] = {}",
    """\
        body = self.cache.get((name, options))
        if body is None:
            body = render(await self._figures(name), options)
            self._keep(name, options, body)
        else:
            self.cache.move_to_end((name, options))""": """\
        if (name, options) not in self.cache:
            if sum(map(len, self.cache.values())) > MOST_BYTES:
                raise StoreFailed("no room for another report")
            self.cache[name, options] = render(await self._figures(name), options)""",
    "return page(body, visitor)": "return page(self.cache[name, options], visitor)",
    "self.held -= len(self.cache.pop(key))": "del self.cache[key]",
    """

    def _keep(self, name: str, options: str, body: bytes) -> None:
        self.held += len(body) - len(self.cache.pop((name, options), b""))
        self.cache[name, options] = body
        while self.held > MOST_BYTES:
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)""": "",
}
