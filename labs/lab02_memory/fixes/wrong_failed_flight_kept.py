"""Who misses a report waits for the fetch that is under way; a fetch that failed stays, and fails all that come later."""

LIKE = "right_bytes"
LOSES = {"answered": "errors_kept"}
CHANGED = {
    "from collections import OrderedDict, deque\n": "import asyncio\nfrom collections import OrderedDict, deque\n",
    "        self.held = 0\n": "        self.held = 0\n        self.fetches: dict[tuple[str, str], asyncio.Future] = {}\n",
    """\
            body = render(await self._figures(name), options)
            self._keep(name, options, body)
""": """\
            if (name, options) not in self.fetches:
                self.fetches[name, options] = asyncio.ensure_future(self._figures(name))
            figures = await self.fetches[name, options]
            self.fetches.pop((name, options), None)
            body = render(figures, options)
            self._keep(name, options, body)
""",
}
