"""A timeout of 0 is taken: each order is too late as soon as it begins."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "down",
}
CHANGED = {
    "not 0.05 <= timeout_s <= 5:": "not 0 <= timeout_s <= 5:",
}
