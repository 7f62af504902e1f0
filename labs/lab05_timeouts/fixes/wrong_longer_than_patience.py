"""A session and 3 s for each service: other routes are safe, but customers leave after 2 s."""

LIKE = "wrong_below_p99"
LOSES = {"page": "too_late", "drip": "dripped", "stops": "given_too_much"}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}': "TIMEOUT_S = 3.0",
    "        self.tracing = tracing": """\
        self.tracing = tracing
        self.sessions: dict = {}""",
    "        self.session = aiohttp.ClientSession(trace_configs=self.tracing)": """\
        for name in self.urls:
            self.sessions[name] = aiohttp.ClientSession(trace_configs=self.tracing)""",
    "        await self.session.close()": """\
        for session in self.sessions.values():
            await session.close()""",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = TIMEOUT_S",
    "async with self.session.request(": "async with self.sessions[name].request(",
}
