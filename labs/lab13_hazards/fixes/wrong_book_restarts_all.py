"""It restarts all services of the town, to be sure."""

LIKE = "right_names"
LOSES = {"branches": "restart_stall"}
CHANGED = {
    """\
step empty
do restart payments
""": """\
step empty
do restart gateway
do restart catalog
do restart orders
do restart payments
do restart store
do restart recs
""",
}
