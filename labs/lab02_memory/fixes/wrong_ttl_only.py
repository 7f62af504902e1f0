"""Reports live for 60 s and nothing bounds how many there are: memory holds all that comes in 60 s."""

LIKE = "right_bytes"
LOSES = {"reports": "grows_with_reports", "limit": "crosses_limit"}
CHANGED = {
    "from collections import OrderedDict, deque": """\
import asyncio
from collections import deque""",
    "MOST_BYTES = 24_000_000": "LIVES_S = 60.0",
    """\
        self.cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self.held = 0""": "        self.cache: dict[tuple[str, str], tuple[float, bytes]] = {}",
    "        self.session = aiohttp.ClientSession()": """\
        self.session = aiohttp.ClientSession()
        self.clock = asyncio.get_running_loop().time""",
    """\
        body = self.cache.get((name, options))
        if body is None:
            body = render(await self._figures(name), options)
            self._keep(name, options, body)
        else:
            self.cache.move_to_end((name, options))""": """\
        now = self.clock()
        for key in [key for key, (made, _) in self.cache.items() if now > made + LIVES_S]:
            del self.cache[key]
        if (name, options) not in self.cache:
            self.cache[name, options] = now, render(await self._figures(name), options)""",
    "return page(body, visitor)": "return page(self.cache[name, options][1], visitor)",
    "self.held -= len(self.cache.pop(key))": "del self.cache[key]",
    """

    def _keep(self, name: str, options: str, body: bytes) -> None:
        self.held += len(body) - len(self.cache.pop((name, options), b""))
        self.cache[name, options] = body
        while self.held > MOST_BYTES:
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)""": "",
}
