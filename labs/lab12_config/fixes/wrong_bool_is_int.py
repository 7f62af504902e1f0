"""isinstance(value, int) is true for True: a limit of true is a limit of 1."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_bool",
}
CHANGED = {
    "    if type(value) is not int or not low": "    if not isinstance(value, int) or not low",
}
