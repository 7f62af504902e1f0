"""It asks whether the queue is short enough: that is true before the bank is back."""

LIKE = "right_names"
LOSES = {"recovers": "late_stall", "budget": "costs_stall"}
CHANGED = {
    "expect rate(payments->bank) > 15 for 1 s within 30 s": "expect queue_depth@payments < 1000 for 1 s within 30 s",
    "for 2 s within 10 s": "for 2 s within 16 s",
}
