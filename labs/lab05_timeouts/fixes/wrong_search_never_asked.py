"""Leaves search out as if it were optional: whoever searches is told at once that there is nothing."""

LIKE = "right_all"
LOSES = {"searched": "untrue"}
CHANGED = {
    'await self.ask(visit, "search", "GET", "/find", params={"words": words})': '{"words": words, "found": []}',
}
