"""place <= percent: at 0 % one user in a hundred has it."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "wrong_share",
}
CHANGED = {
    'place < found["percent"]': 'place <= found["percent"]',
}
