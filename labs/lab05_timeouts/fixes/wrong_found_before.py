"""A search that fails is answered with what was found for other words before."""

LIKE = "right_all"
LOSES = {"searched": "never_asked"}
CHANGED = {
    '        return await self.ask(visit, "search", "GET", "/find", params={"words": words})': """\
        try:
            self.found = await self.ask(visit, "search", "GET", "/find", params={"words": words})
        except Unavailable:
            pass
        return {**self.found, "words": words}""",
}
