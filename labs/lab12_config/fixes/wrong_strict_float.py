"""A timeout must be a float: 1 is none, and a good file is refused."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "refuses_good",
}
CHANGED = {
    "type(timeout_s) not in (int, float) or not": "type(timeout_s) is not float or not",
}
