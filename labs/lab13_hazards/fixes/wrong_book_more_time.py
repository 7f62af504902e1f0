"""It gives payments more time in place of a restart."""

LIKE = "right_names"
LOSES = {"recovers": "late_stall", "budget": "spares_nothing", "leaves_nothing": "setting_on"}
CHANGED = {
    """\
step empty
do restart payments
""": """\
step empty
do set orders TIMEOUT_S 1.9
""",
}
