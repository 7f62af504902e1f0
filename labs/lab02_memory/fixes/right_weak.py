"""Watchers hold what they watch weakly, so a small cache alone decides how long a report lives; ranges."""

import weakref
from collections import OrderedDict, deque
from dataclasses import dataclass

import aiohttp

from labs.lab02_memory.rendering import page, render

RECENT = 20
MOST_BYTES = 24_000_000


class StoreFailed(Exception):
    """The store gave no answer."""


@dataclass(eq=False)
class Rendered:
    """A rendered report, as the cache holds it."""

    body: bytes
    out_of_date: bool = False


class Reports:
    """Makes the answers of the reports service."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.cache: OrderedDict[tuple[str, str], Rendered] = OrderedDict()
        self.watchers: dict[str, weakref.WeakSet[Rendered]] = {}
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
        rendered = self.cache.pop((name, options), None)
        if rendered is None or rendered.out_of_date:
            rendered = Rendered(render(await self._figures(name), options))
            watching = self.watchers.setdefault(name, weakref.WeakSet())
            watching.add(rendered)
            weakref.finalize(rendered, self._gone, name)
            self.held += len(rendered.body)
        self.cache[name, options] = rendered
        while self.held > MOST_BYTES and len(self.cache) > 1:
            self.cache.popitem(last=False)  # nobody else holds it: _gone() is called at once
        self.names.append(name)
        return page(rendered.body, visitor)

    async def part(self, name: str, start: int, size: int) -> bytes:
        """`size` bytes of a ledger, from byte `start` on."""
        wanted = {"Range": f"bytes={start}-{start + size - 1}"}
        async with self.session.get(f"{self.store}/ledger/{name}", headers=wanted) as answer:
            if answer.status != 206:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()

    def revised(self, name: str) -> None:
        """A report has changed at the store: what was rendered from it is out of date."""
        for rendered in self.watchers.get(name, ()):
            rendered.out_of_date = True

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
        return list(self.names)

    def _gone(self, name: str) -> None:
        """A rendered report was given back."""
        self.held = sum(len(rendered.body) for rendered in self.cache.values())
        if not self.watchers.get(name):
            self.watchers.pop(name, None)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
