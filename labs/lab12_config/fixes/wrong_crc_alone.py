"""The top of a CRC: it is linear, so flags with names of one length have the same users, or just the others."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "crc_alone",
}
CHANGED = {
    """\
import hashlib
""": "",
    """\
import os
""": """\
import os
import zlib
""",
    """\
int.from_bytes(hashlib.sha256(f"{flag}:{user}".encode()).digest()[:8], "big") % 100
""": """\
zlib.crc32(f"{user}:{flag}".encode()) * 100 >> 32
""",
}
