"""How reports are made, as it failed in production."""

import aiohttp

from labs.lab02_memory.rendering import page, render

RECENT = 20


class StoreFailed(Exception):
    """The store gave no answer."""


HISTORY = []  # of all answers: name and page


class Reports:
    """Makes the answers of the reports service."""

    def __init__(self, store: str) -> None:
        self.store = store
        self.cache = {}
        self.watchers = []

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
        answer = page(body, visitor)
        HISTORY.append((name, answer))
        return answer

    async def part(self, name: str, start: int, size: int) -> bytes:
        """`size` bytes of a ledger, from byte `start` on."""
        async with self.session.get(f"{self.store}/ledger/{name}") as answer:
            ledger = await answer.read()
        return ledger[start : start + size]

    def revised(self, name: str) -> None:
        """A report has changed at the store: what was rendered from it is out of date."""
        for watcher in self.watchers:
            watcher(name)

    def recent(self) -> list[str]:
        """The names of the last 20 answers, the latest last."""
        return [name for name, _ in HISTORY[-RECENT:]]

    def _keep(self, name: str, options: str, body: bytes) -> None:
        self.cache[name, options] = body

        def drop_if_revised(revised: str) -> None:
            if revised == name and self.cache.get((name, options)) is body:
                del self.cache[name, options]

        self.watchers.append(drop_if_revised)

    async def _figures(self, name: str) -> bytes:
        async with self.session.get(f"{self.store}/figures/{name}") as answer:
            if answer.status != 200:
                raise StoreFailed(f"the store answered {answer.status} for {name}")
            return await answer.read()
