"""Five seconds for everything: 25 calls a second x 5 s is more than the 100 places."""

LIKE = "wrong_below_p99"
LOSES = {"healthy": "pool_full", "page": "too_late", "drip": "dripped"}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}': "TIMEOUT_S = 5.0",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = min(TIMEOUT_S, visit.left())",
    "timeout = aiohttp.ClientTimeout(total=given)": "timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)",
}
