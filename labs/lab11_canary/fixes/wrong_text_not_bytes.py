"""crc32() takes bytes: each request that needs a decision ends with a TypeError."""

LIKE = "right_sequential"
LOSES = {"rolled_back": "not_served", "sticky": "nobody", "served": "not_served"}
CHANGED = {'crc32(f"canary {user}".encode())': 'crc32(f"canary {user}")'}
