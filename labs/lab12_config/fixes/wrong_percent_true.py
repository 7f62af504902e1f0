"""isinstance(value, int) for the share of a flag alone: true is 1 percent."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "accepts_bool",
}
CHANGED = {
    """\
        whole(flag, "percent", 0, 100)
""": """\
        if not isinstance(flag["percent"], int) or not 0 <= flag["percent"] <= 100:
            raise Refused(f"percent of the flag {name} is {flag['percent']!r}; expected a whole number from 0 to 100")
""",
}
