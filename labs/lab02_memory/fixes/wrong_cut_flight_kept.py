"""Who asks for a report that is being fetched waits for the same fetch; one that a cut connection ends stays."""

LIKE = "right_bytes"
LOSES = {"answered": "errors_kept"}
CHANGED = {
    "from collections import OrderedDict, deque\n": """\
import asyncio
from collections import OrderedDict, deque
""",
    "        self.held = 0\n": """\
        self.held = 0
        self.fetches: dict[str, asyncio.Task[bytes]] = {}
""",
    "render(await self._figures(name), options)": "render(await self._fetched(name), options)",
    """\
    def revised(self, name: str) -> None:
        \"\"\"A report has changed at the store: what was rendered from it is out of date.\"\"\"
""": """\
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

    def revised(self, name: str) -> None:
        \"\"\"A report has changed at the store: what was rendered from it is out of date.\"\"\"
        self.fetches.pop(name, None)
""",
}
