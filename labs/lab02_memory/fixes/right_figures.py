"""The cache keeps figures, which are small, and renders for each visit; nothing large outlives its visitor."""

from collections import OrderedDict, deque

import aiohttp

from labs.lab02_memory.rendering import page, render

RECENT = 20
MOST_FIGURES = 500


class StoreFailed(Exception):
    """The store gave no answer."""


class Reports:
    """Makes the answers of the reports service."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.figures: OrderedDict[str, bytes] = OrderedDict()
        self.names: deque[str] = deque(maxlen=RECENT)

    async def start(self) -> None:
        """Called once, before the first request."""
        self.session = aiohttp.ClientSession()

    async def stop(self) -> None:
        """Called once, after the last request."""
        await self.session.close()

    async def report(self, name: str, options: str, visitor: str) -> bytes:
        """One page: the rendered report, with the visitor's name on top."""
        figures = self.figures.pop(name, None)
        if figures is None:
            figures = await self._figures(name)
        self.figures[name] = figures
        if len(self.figures) > MOST_FIGURES:  # of about 60 bytes each: their number is a size
            self.figures.popitem(last=False)
        self.names.append(name)
        return page(render(figures, options), visitor)

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
        self.figures.pop(name, None)

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
        return list(self.names)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
