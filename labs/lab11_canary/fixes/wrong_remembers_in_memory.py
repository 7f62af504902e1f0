"""Drawn once for each user and kept in the router's memory, which ends with its process."""

LIKE = "right_sequential"
LOSES = {"sticky": "forgot_at_restart"}
CHANGED = {
    "import math\nfrom zlib import crc32": "import math\nimport random",
    "SLOW_FROM = 2  # times[2:] are the requests that took more than 250 ms": (
        "SLOW_FROM = 2  # times[2:] are the requests that took more than 250 ms\nDRAWN: dict = {}  # user -> 0 to 1"
    ),
    'return crc32(f"canary {user}".encode()) < share * 2**32': "return DRAWN.setdefault(user, random.random()) < share",
}
