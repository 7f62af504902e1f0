"""It calls at once on every evening: `answered` is requests a second, of which there are never the 80 that it means."""

LIKE = "right_undo"
CHANGED = {"error_rate > 0.2 for 2 s": "answered < 80 for 2 s"}
LOSES = {"mitigated": "paged_in_the_quiet", "unharmed": "acts"}
