"""A session for each service, and no timeout: the others are safe, product pages are not."""

LIKE = "right_all"
LOSES = {"left_over": "calls_left", "page": "too_late", "drip": "dripped", "recovers": "pool_stays_full"}
CHANGED = {
    """

TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
PLACES = 40""": "",
    """\
        for name in TIMEOUTS_S:
            connector = aiohttp.TCPConnector(limit=PLACES)
            self.sessions[name] = aiohttp.ClientSession(
                connector=connector, timeout=aiohttp.ClientTimeout(total=TIMEOUTS_S[name]), trace_configs=self.tracing
            )""": """\
        for name in self.urls:
            self.sessions[name] = aiohttp.ClientSession(trace_configs=self.tracing)""",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = visit.left()",
    """
        timeout = aiohttp.ClientTimeout(total=given, sock_connect=0.2)
        session, url = self.sessions[name], self.urls[name] + path""": "",
    "async with session.request(method, url, headers=headers, timeout=timeout, **more) as response:": (
        "async with self.sessions[name].request(method, self.urls[name] + path, headers=headers, **more) as response:"
    ),
}
