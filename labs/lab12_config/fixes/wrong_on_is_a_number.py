"""`in (True, False)` is true of 1 and 0."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_truthy",
}
CHANGED = {
    'not isinstance(flag["on"], bool)': 'flag["on"] not in (True, False)',
}
