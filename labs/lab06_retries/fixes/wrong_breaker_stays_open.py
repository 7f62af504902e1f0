"""A circuit breaker that opens and never tries again: the outage is now the shop's own."""

LIKE = "right_breaker"
LOSES = {"recovers": "gave_up", "recovers_long": "gave_up"}
CHANGED = {
    "OPEN_S = 2.0": 'OPEN_S = float("inf")',
}
