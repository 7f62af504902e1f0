"""The share of a flag is drawn anew each time that somebody asks."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "dice",
}
CHANGED = {
    """\
import os
""": """\
import os
import random
""",
    'int.from_bytes(hashlib.sha256(f"{flag}:{user}".encode()).digest()[:8], "big") % 100': "random.randrange(100)",
    """\
import hashlib
""": "",
}
