"""Results are kept, and where search fails, whoever wants the same words again is shown the old ones."""

LIKE = "right_all"
LOSES = {"searched": "found_earlier"}
CHANGED = {
    "        self.sessions: dict = {}": """\
        self.sessions: dict = {}
        self.kept: dict = {}""",
    '        return await self.ask(visit, "search", "GET", "/find", params={"words": words})': """\
        try:
            self.kept[words] = await self.ask(visit, "search", "GET", "/find", params={"words": words})
        except Unavailable:
            if words not in self.kept:
                raise
        return self.kept[words]""",
}
