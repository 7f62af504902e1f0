"""A failed request in fifty calls it."""

LIKE = "right_names"
LOSES = {"pages_right": "false_alarm"}
CHANGED = {
    "page error_rate > 0.2 for 2 s": "page error_rate > 0.02 for 0 s",
}
