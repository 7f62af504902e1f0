"""The bounds are checked by what is too small and what is too large: NaN is neither."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_nan",
}
CHANGED = {
    "not 0.05 <= timeout_s <= 5:": "timeout_s < 0.05 or timeout_s > 5:",
    ", parse_constant=no_constant": "",
}
