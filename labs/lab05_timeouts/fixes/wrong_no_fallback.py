"""The timeouts are right, but without recommendations there is no page."""

LIKE = "wrong_below_p99"
LOSES = {"page": "no_fallback", "drip": "no_fallback"}
CHANGED = {
    """\
TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}""": """\
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}""",
    """\
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Unavailable:
            return {"sku": sku, "recommended": []}
""": """\
        found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
""",
}
