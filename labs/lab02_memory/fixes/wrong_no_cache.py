"""No cache at all: memory stays level, and the store answers every visit."""

from collections import deque

import aiohttp

from labs.lab02_memory.rendering import page, render

LOSES = {"hits": "no_cache"}

RECENT = 20


class StoreFailed(Exception):
    """The store gave no answer."""


class Reports:
    """Makes the answers of the reports service."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.names: deque[str] = deque(maxlen=RECENT)

    async def start(self) -> None:
        """Called once, before the first request."""
        self.session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Called once, after the last request."""
        await self.session.close()

    async def report(self, name: str, options: str, visitor: str) -> bytes:
        """One page: the rendered report, with the visitor's name on top."""
        body = render(await self._figures(name), options)
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
        """A report has changed at the store. Nothing is kept, so nothing is out of date."""

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
        return list(self.names)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
