"""It switches retries off, which helps, and never on again."""

LIKE = "right_names"
LOSES = {"leaves_nothing": "setting_on"}
CHANGED = {
    """\
step empty
""": """\
step empty
do set orders ATTEMPTS 1
""",
}
