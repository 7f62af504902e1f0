"""What is too small is refused; nobody thought of too much."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_huge",
}
CHANGED = {
    "not 0.05 <= timeout_s <= 5:": "timeout_s < 0.05:",
    "not low <= value <= high:": "value < low:",
}
