"""Slow is what takes more than a second, as in the alert of the operators; most of what is late takes less."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_slow", "harmed": "let_out"}
CHANGED = {"SLOW_FROM = 2  # times[2:]": "SLOW_FROM = 3  # times[3:]", "took more than 250 ms": "took more than a second"}
