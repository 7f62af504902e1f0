"""A timeout of 0 is taken: for aiohttp it means that there is none."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_zero_timeout",
}
CHANGED = {
    "not 0.05 <= timeout_s <= 5:": "not 0 <= timeout_s <= 5:",
}
