"""A checksum is no hash: of short names, all sums lie close together, so that nobody or everybody is below a share."""

LIKE = "right_sequential"
LOSES = {"rolled_back": "undecided", "silence": "undecided", "split": "uneven"}
CHANGED = {
    "from zlib import crc32": "from zlib import adler32",
    'crc32(f"canary {user}".encode())': "adler32(user.encode())",
}
