"""It restarts payments while the bank stands still."""

LIKE = "right_names"
LOSES = {"recovers": "late_stall", "budget": "costs_stall"}
CHANGED = {
    """\
expect rate(payments->bank) > 15 for 1 s within 30 s
""": "",
    "for 2 s within 10 s": "for 2 s within 18 s",
}
