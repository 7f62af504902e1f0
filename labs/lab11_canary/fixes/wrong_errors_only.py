"""Errors are compared; how long requests took is not."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_slow", "harmed": "let_out"}
CHANGED = {"for what in (1, 2):": "for what in (1,):"}
