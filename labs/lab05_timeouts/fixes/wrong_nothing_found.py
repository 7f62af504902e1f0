"""A search that fails is answered with an empty list of results, as if the shop had nothing of the kind."""

LIKE = "right_all"
LOSES = {"searched": "untrue"}
CHANGED = {
    '        return await self.ask(visit, "search", "GET", "/find", params={"words": words})': """\
        try:
            return await self.ask(visit, "search", "GET", "/find", params={"words": words})
        except Unavailable:
            return {"words": words, "found": []}""",
}
