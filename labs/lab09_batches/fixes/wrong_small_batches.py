"""Batches as small as the arithmetic of the model allows: reading, commits and refused records come on top."""

LIKE = "right_transaction"
LOSES = {"finishes": "too_slow", "once": "unfinished"}
CHANGED = {"BATCH = 512": "BATCH = 42"}
