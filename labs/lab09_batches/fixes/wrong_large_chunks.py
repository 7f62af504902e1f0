"""Chunks of 6,000 events: flat, and far too much."""

LIKE = "right_transaction"
LOSES = {"memory": "chunks_too_large"}
CHANGED = {"BATCH = 512": "BATCH = 6000"}
