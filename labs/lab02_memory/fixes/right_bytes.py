"""A cache that counts its bytes and throws out what was asked for longest ago; names in the place of answers; ranges."""

from collections import OrderedDict, deque

import aiohttp

from labs.lab02_memory.rendering import page, render

RECENT = 20
MOST_BYTES = 24_000_000


class StoreFailed(Exception):
    """The store gave no answer."""


class Reports:
    """Makes the answers of the reports service."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.cache: OrderedDict[tuple[str, str], bytes] = OrderedDict()
        self.held = 0
        self.names: deque[str] = deque(maxlen=RECENT)

    async def start(self) -> None:
        """Called once, before the first request."""
        self.session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Called once, after the last request."""
        await self.session.close()

    async def report(self, name: str, options: str, visitor: str) -> bytes:
        """One page: the rendered report, with the visitor's name on top."""
        body = self.cache.get((name, options))
        if body is None:
            body = render(await self._figures(name), options)
            self._keep(name, options, body)
        else:
            self.cache.move_to_end((name, options))
        self.names.append(name)
        return page(body, visitor)

    async def part(self, name: str, start: int, size: int) -> bytes:
        """`size` bytes of a ledger, from byte `start` on."""
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
            if answer.status != 206:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()

    def revised(self, name: str) -> None:
        """A report has changed at the store: what was rendered from it is out of date."""
        for key in [key for key in self.cache if key[0] == name]:
            self.held -= len(self.cache.pop(key))

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
        return list(self.names)

    def _keep(self, name: str, options: str, body: bytes) -> None:
        self.held += len(body) - len(self.cache.pop((name, options), b""))
        self.cache[name, options] = body
        while self.held > MOST_BYTES:
            _, oldest = self.cache.popitem(last=False)
            self.held -= len(oldest)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
