"""Chunks of 16 events: the fixed cost of a call is paid 2,000 times."""

LIKE = "right_transaction"
LOSES = {"finishes": "too_slow", "once": "unfinished"}
CHANGED = {"BATCH = 512": "BATCH = 16"}
