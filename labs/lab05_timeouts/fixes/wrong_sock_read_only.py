"""A timeout for each read: a byte now and then is enough to go on for ever."""

LIKE = "wrong_below_p99"
LOSES = {"drip": "dripped"}
CHANGED = {
    'TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}': "SOCK_READ_S = 0.45",
    """\
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")""": "        given = min(SOCK_READ_S, visit.left())",
    "timeout = aiohttp.ClientTimeout(total=given)": (
        "timeout = aiohttp.ClientTimeout(total=None, sock_connect=SOCK_READ_S, sock_read=SOCK_READ_S)"
    ),
}
