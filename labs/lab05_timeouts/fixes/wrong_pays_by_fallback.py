"""Shows no error to anybody: it confirms an order even if payments does not answer."""

LIKE = "wrong_below_p99"
LOSES = {"paid": "unpaid"}
CHANGED = {
    """\
TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}""": """\
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}""",
    '        return await self.ask(visit, "payments", "POST", "/charge", json=order)': """\
        try:
            return await self.ask(visit, "payments", "POST", "/charge", json=order)
        except Unavailable:
            return {"order": order["id"], "number": 0}""",
}
