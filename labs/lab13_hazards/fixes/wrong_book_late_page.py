"""It is called when half of all requests fail: orders are two of five."""

LIKE = "right_names"
LOSES = {
    "recovers": "late_stall",
    "budget": "spares_nothing",
    "leaves_nothing": "not_well",
    "pages_right": "not_called",
}
CHANGED = {
    "page error_rate > 0.2 for 2 s": "page error_rate > 0.5 for 2 s",
}
