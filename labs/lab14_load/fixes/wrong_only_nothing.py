"""The wrong amount is 0; what is below is never ordered."""

LIKE = "right_phases"
LOSES = {"said": "missed_negative"}
CHANGED = {"amount=-(number % 2))": "amount=0)"}
