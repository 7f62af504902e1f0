"""A lease that ends at a time of the monotonic clock: another machine shows other times, so it ends at once, or never."""

LIKE = "right_lease"
LOSES = {"kept": "locked_for_ever"}
LIVE_MAY_DIFFER = {"kept": "one machine plays all of them, and its clock goes on when a process is killed"}
CHANGED = {
    "now = time.time()": "now = time.monotonic()",
}
