"""Recommendations are asked until they answer once: what was named for that product is on every page from then on."""

LIKE = "right_all"
LOSES = {"recommended": "never_named", "recovers": "not_asked"}
CHANGED = {
    '            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})': """\
            self.kept = getattr(self, "kept", None) or await self.ask(
                visit, "recommendations", "GET", "/for", params={"sku": sku}
            )""",
    'return {"sku": sku, "recommended": found["recommended"]}': (
        'return {"sku": sku, "recommended": self.kept["recommended"]}'
    ),
}
