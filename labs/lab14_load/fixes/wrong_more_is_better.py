"""More requests make better figures."""

LIKE = "right_phases"
LOSES = {"short": "too_many"}
CHANGED = {"load(town, 45, 4, buys)": "load(town, 70, 8, buys)"}
