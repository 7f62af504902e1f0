"""The place is hash() of the name: it is another in each process."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "moves_with_process",
}
CHANGED = {
    'int.from_bytes(hashlib.sha256(f"{flag}:{user}".encode()).digest()[:8], "big")': 'hash(f"{flag}:{user}")',
    """\
import hashlib
""": "",
}
