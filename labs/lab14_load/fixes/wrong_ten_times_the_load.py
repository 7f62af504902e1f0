"""More requests make better figures."""

LIKE = "right_phases"
LOSES = {}
CHANGED = {"load(town, 45, 3, buys)": "load(town, 150, 3, buys)"}
