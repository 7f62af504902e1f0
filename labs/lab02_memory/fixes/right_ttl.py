"""A cache with a lifetime and a bound in bytes, the oldest out first; the ledger is streamed."""

import asyncio
from collections import OrderedDict, deque

import aiohttp

from labs.lab02_memory.rendering import page, render

RECENT = 20
MOST_BYTES = 24_000_000
LIVES_S = 60.0


class StoreFailed(Exception):
    """The store gave no answer."""


class Reports:
    """Makes the answers of the reports service."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.cache: OrderedDict[tuple[str, str], tuple[float, bytes]] = OrderedDict()
        self.held = 0
        self.names: deque[str] = deque(maxlen=RECENT)

    async def start(self) -> None:
        """Called once, before the first request."""
        self.session = aiohttp.ClientSession()
        self.clock = asyncio.get_running_loop().time

    async def stop(self) -> None:
        """Called once, after the last request."""
        await self.session.close()

    async def report(self, name: str, options: str, visitor: str) -> bytes:
        """One page: the rendered report, with the visitor's name on top."""
        made, body = self.cache.get((name, options), (0.0, b""))
        if not body or self.clock() > made + LIVES_S:
            made, body = self.clock(), render(await self._figures(name), options)
        self._keep((name, options), made, body)
        self.names.append(name)
        return page(body, visitor)

    async def part(self, name: str, start: int, size: int) -> bytes:
        """`size` bytes of a ledger, from byte `start` on: read chunk by chunk, and no further than needed."""
        found, position = bytearray(), 0
        async with self.session.get(f"{self.store}/ledger/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            async for chunk in answer.content.iter_chunked(65_536):
                found += chunk[max(start - position, 0) : max(start + size - position, 0)]
                position += len(chunk)
                if len(found) == size:
                    answer.close()  # the rest stays where it is
                    break
        return bytes(found)

    def revised(self, name: str) -> None:
        """A report has changed at the store: what was rendered from it is out of date."""
        for key in [key for key in self.cache if key[0] == name]:
            self._drop(key)

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
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
        self.held -= len(body)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
