"""It looks, and does nothing."""

LIKE = "right_names"
LOSES = {
    "recovers": "late_stall_crowd",
    "budget": "spares_nothing",
    "leaves_nothing": "not_well",
    "branches": "no_acts",
}
CHANGED = {
    """\
step market
""": """\
step look
expect error_rate < 0.05 for 3 s within 60 s
else goto look
step market
""",
}
