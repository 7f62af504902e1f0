"""Not one request may fail."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {"confirmed >= 0.9,": "confirmed == 1.0,"}
