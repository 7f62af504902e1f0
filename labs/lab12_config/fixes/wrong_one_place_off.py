"""place <= percent, with 0 % by hand: 1 % is 2 %, and 99 % is everybody."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "one_place_off",
}
CHANGED = {
    'place < found["percent"]': '0 < found["percent"] >= place',
}
