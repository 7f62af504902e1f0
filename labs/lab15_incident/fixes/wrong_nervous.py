"""Called at the first error, which there is on every evening."""

LIKE = "right_undo"
CHANGED = {"error_rate > 0.2 for 2 s": "error_rate > 0.01 for 0 s"}
LOSES = {"unharmed": "acts"}
