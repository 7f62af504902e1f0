"""The key of an attempt is hash() of order and text, and each process has its own hashes: after a kill it is another key."""

LIKE = "right_lease"
LOSES = {"once": "delivered_twice"}
CHANGED = {'"Idempotency-Key": order': '"Idempotency-Key": str(hash((order, text)))'}
