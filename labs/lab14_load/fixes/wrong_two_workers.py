"""Calculated, not measured: two workers, divided by the time of an order when nothing else is going on."""

LIKE = "right_phases"
LOSES = {"capacity": "too_high"}
CHANGED = {
    "    rate, best = 9.0, 0.0\n": """    alone = sorted([(await town.order("me")).seconds for _ in range(9)])
    return 2 / alone[4]
    rate, best = 9.0, 0.0
"""
}
