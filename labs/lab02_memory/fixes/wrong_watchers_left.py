"""Everything is repaired but the watchers: each rendering leaves a function behind that holds it."""

LIKE = "right_bytes"
LOSES = {"reports": "grows_with_reports", "revisions": "grows_with_revisions", "limit": "crosses_limit"}
CHANGED = {
    "        self.held = 0": """\
        self.held = 0
        self.watchers = []""",
    """\
        for key in [key for key in self.cache if key[0] == name]:
            self.held -= len(self.cache.pop(key))""": """\
        for watcher in self.watchers:
            watcher(name)""",
    "    async def _figures(self, name: str) -> bytes:": """\
        def drop_if_revised(revised: str) -> None:
            if revised == name and self.cache.get((name, options)) is body:
                self.held -= len(self.cache.pop((name, options)))

        self.watchers.append(drop_if_revised)

    async def _figures(self, name: str) -> bytes:""",
}
