"""Who misses a report waits for the fetch that is under way; a fetch that failed stays, and fails all that come later."""

LIKE = "right_bytes"
LOSES = {"answered": "errors_kept"}
CHANGED = {
    "from collections import OrderedDict, deque": """\
import asyncio
from collections import OrderedDict, deque""",
    "        self.held = 0": """\
        self.held = 0
        self.fetches: dict[tuple[str, str], asyncio.Future] = {}""",
    "            body = render(await self._figures(name), options)": """\
            if (name, options) not in self.fetches:
                self.fetches[name, options] = asyncio.ensure_future(self._figures(name))
            figures = await self.fetches[name, options]
            self.fetches.pop((name, options), None)
            body = render(figures, options)""",
}
