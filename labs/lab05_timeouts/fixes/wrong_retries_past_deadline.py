"""Three attempts at payments, each with 1.2 s of its own: 3.6 s for a customer who waits 2."""

LIKE = "wrong_below_p99"
LOSES = {"stops": "given_too_much"}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}': """\
TIMEOUTS_S = {"payments": 1.2, "search": 0.4, "recommendations": 0.3}
ATTEMPTS = 3""",
    "    async def checkout(self, visit, order: dict) -> dict:": """\
    async def checkout(self, visit, order: dict) -> dict:
        for attempt in range(ATTEMPTS - 1):
            try:
                return await self.ask(visit, "payments", "POST", "/charge", json=order)
            except Unavailable:
                continue""",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = TIMEOUTS_S[name]",
}
