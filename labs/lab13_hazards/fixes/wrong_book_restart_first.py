"""It restarts payments before it asks anything."""

LIKE = "right_names"
LOSES = {"recovers": "late_stall_crowd", "budget": "spares_nothing", "branches": "restart_slow_store", "no_harm": "harms"}
CHANGED = {
    """\
step well
""": """\
step first
do restart payments
expect error_rate < 0.05 for 3 s within 20 s
done
step well
""",
}
