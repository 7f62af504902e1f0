"""Search is answered by the storefront itself, with products that it knows of: whoever searches never waits."""

LIKE = "right_all"
LOSES = {"searched": "never_asked"}
CHANGED = {
    'await self.ask(visit, "search", "GET", "/find", params={"words": words})': '{"words": words, "found": ["sku-0"]}',
}
