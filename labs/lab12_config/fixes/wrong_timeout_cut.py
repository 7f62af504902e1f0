"""The timeout is cut to whole seconds before it is compared with the largest one: 5.01 s is none too long."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_huge",
}
CHANGED = {
    "not 0.05 <= timeout_s <= 5:": "timeout_s < 0.05 or timeout_s >= 6:",
}
