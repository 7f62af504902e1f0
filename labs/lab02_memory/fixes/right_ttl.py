"""A cache with a lifetime and a bound in bytes, the oldest out first; the ledger is streamed."""

LIKE = "right_figures"
CHANGED = {
    "from collections import OrderedDict, deque": """\
import asyncio
from collections import OrderedDict, deque""",
    "MOST_FIGURES = 500": """\
MOST_BYTES = 24_000_000
LIVES_S = 60.0""",
    "        self.figures: OrderedDict[str, bytes] = OrderedDict()": """\
        self.cache: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()
        self.held = 0""",
    "        self.session = aiohttp.ClientSession()": """\
        self.session = aiohttp.ClientSession()
        self.clock = asyncio.get_running_loop().time""",
    """\
        figures = self.figures.pop(name, None)
        if figures is None:
            figures = await self._figures(name)
        self.figures[name] = figures
        if len(self.figures) > MOST_FIGURES:  # of about 60 bytes each: their number is a size
            self.figures.popitem(last=False)""": """\
        made, body = self.cache.get((name, options), (0.0, b""))
        if not body or self.clock() > made + LIVES_S:
            made, body = self.clock(), render(await self._figures(name), options)
        self._keep((name, options), made, body)""",
    "return page(render(figures, options), visitor)": "return page(body, visitor)",
    "        self.figures.pop(name, None)": """\
        for key in [key for key in self.cache if key[0] == name]:
            self._drop(key)""",
    "        return list(self.names)": '''\
        return list(self.names)

    def _keep(self, key: tuple[str, str], made: float, body: bytes) -> None:
        """Put it last in the line of those that go."""
        self._drop(key)
        self.cache[key] = made, body
        self.held += len(body)
        while self.held > MOST_BYTES:
            self._drop(next(iter(self.cache)))

    def _drop(self, key: tuple[str, str]) -> None:
        _, body = self.cache.pop(key, (0.0, b""))
        self.held -= len(body)''',
}
