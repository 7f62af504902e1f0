"""A breaker before recommendations that stays open for half a minute."""

LIKE = "right_breaker"
LOSES = {"recovers": "not_asked"}
CHANGED = {"OPEN_S = 0.5": "OPEN_S = 30.0"}
