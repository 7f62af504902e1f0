"""Never asks for recommendations again: nothing can hang, but no page shows any."""

LIKE = "wrong_below_p99"
LOSES = {"recovers": "not_asked", "recommended": "left_out"}
CHANGED = {
    """\
TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}""": """\
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}""",
    """\
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Unavailable:
            return {"sku": sku, "recommended": []}
        return {"sku": sku, "recommended": found["recommended"]}""": '        return {"sku": sku, "recommended": []}',
}
