"""Slow is what takes 250 ms to a second; what takes longer is in another bucket, and nobody looks there."""

LIKE = "right_sequential"
LOSES = {"caught": "missed_slow", "harmed": "let_out"}
CHANGED = {"sum(counts.times[SLOW_FROM:])": "counts.times[SLOW_FROM]"}
