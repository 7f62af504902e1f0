"""The gate reports all findings in the files that a change touches."""

LIKE = "right_names"
LOSES = {"gate": "stops_old"}
CHANGED = {
    """\
            if known[finding.code, text] < 0 and not (muted and finding.code in muted[1]):
""": """\
            if not (muted and finding.code in muted[1]):
""",
}
