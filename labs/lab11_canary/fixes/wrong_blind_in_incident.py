"""While the old version fails as well it is an incident, and nothing counts as evidence."""

LIKE = "right_sequential"
LOSES = {"harmed": "too_late"}
CHANGED = {
    """\
        if not stable[0] or not canary[0]:
            return
""": """\
        if not stable[0] or not canary[0] or stable[1] > INCIDENT * stable[0]:
            return
""",
    "SLOW_FROM = 2": "INCIDENT = 0.1  # of the old version's requests fail: not the release's fault\nSLOW_FROM = 2",
}
