"""Wrong amounts are those below 0; nothing is never ordered."""

LIKE = "right_phases"
LOSES = {"said": "missed_nothing"}
CHANGED = {"amount=-(number % 2))": "amount=-1 - number % 2)"}
