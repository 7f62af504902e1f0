"""A timeout for connecting alone: recommendations does accept connections."""

LIKE = "wrong_below_p99"
LOSES = {
    "left_over": "calls_left",
    "healthy": "pool_full",
    "page": "too_late",
    "drip": "dripped",
    "recovers": "pool_stays_full",
}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}': "CONNECT_S = 0.3",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = visit.left()",
    "timeout = aiohttp.ClientTimeout(total=given)": "timeout = aiohttp.ClientTimeout(total=None, sock_connect=CONNECT_S)",
}
