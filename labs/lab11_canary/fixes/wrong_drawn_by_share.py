"""The share is part of what is hashed: at each new share other users are drawn."""

LIKE = "right_sequential"
LOSES = {"sticky": "drawn_anew"}
CHANGED = {'crc32(f"canary {user}".encode())': 'crc32(f"canary {share} {user}".encode())'}
