"""Who asks for a report that is being fetched waits for the same fetch; one that a cut connection ends stays."""

LIKE = "right_bytes"
LOSES = {"answered": "errors_kept"}
CHANGED = {
    "from collections import OrderedDict, deque": """\
import asyncio
from collections import OrderedDict, deque""",
    "        self.held = 0": """\
        self.held = 0
        self.fetches: dict[str, asyncio.Task[bytes]] = {}""",
    "body = render(await self._figures(name), options)": "body = render(await self._fetched(name), options)",
    "    def revised(self, name: str) -> None:": """\
    async def _fetched(self, name: str) -> bytes:
        if name not in self.fetches:
            self.fetches[name] = asyncio.create_task(self._figures(name))
        fetch = self.fetches[name]
        try:
            figures = await fetch
        except StoreFailed:
            self._ended(name, fetch)
            raise
        self._ended(name, fetch)
        return figures

    def _ended(self, name: str, fetch: asyncio.Task[bytes]) -> None:
        if self.fetches.get(name) is fetch:
            del self.fetches[name]

    def revised(self, name: str) -> None:""",
    "        for key in [key for key in self.cache if key[0] == name]:": """\
        self.fetches.pop(name, None)
        for key in [key for key in self.cache if key[0] == name]:""",
}
