"""It waits for six seconds of failures before it calls somebody."""

LIKE = "right_names"
LOSES = {"pages_right": "called_late"}
CHANGED = {
    "page error_rate > 0.2 for 2 s": "page error_rate > 0.2 for 6 s",
}
