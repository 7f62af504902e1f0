"""functools.lru_cache on a method: each visit has an object of its own, and the cache keeps every one of them alive."""

from collections import deque
from functools import lru_cache

import aiohttp

from labs.lab02_memory.rendering import page, render

LOSES = {
    "reports": "grows_with_reports",
    "history": "grows_with_visits",
    "revisions": "grows_with_visits",
    "limit": "crosses_limit",
    "hits": "no_cache",
}

RECENT = 20


class StoreFailed(Exception):
    """The store gave no answer."""


class Visit:
    """One visitor's reading of one report."""

    def __init__(self, figures: bytes, visitor: str) -> None:
        self.figures = figures
        self.visitor = visitor

    @lru_cache(maxsize=None)
    def page(self, options: str) -> bytes:
        """The page; the key of the cache is (self, options)."""
        return page(render(self.figures, options), self.visitor)


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
        visit = Visit(await self._figures(name), visitor)
        self.names.append(name)
        return visit.page(options)

    async def part(self, name: str, start: int, size: int) -> bytes:
        """`size` bytes of a ledger, from byte `start` on."""
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
            return await answer.read()

    def revised(self, name: str) -> None:
        """A report has changed at the store. Figures are read for each visit, so nothing is out of date."""

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
        return list(self.names)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
