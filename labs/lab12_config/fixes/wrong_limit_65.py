"""A limit of 65 is accepted: the end of a range is taken for the first value outside of it."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_huge",
}
CHANGED = {
    'whole(content, "limit", 1, 64)': 'whole(content, "limit", 1, 65)',
}
