"""An old finding is known by its line's text, however often it stands there."""

LIKE = "right_names"
LOSES = {"gate": "lets_in"}
CHANGED = {
    """\
            known[finding.code, text] -= 1
            muted = MUTED.search(text)
            if known[finding.code, text] < 0 and not (muted and finding.code in muted[1]):
""": """\
            muted = MUTED.search(text)
            if (finding.code, text) not in known and not (muted and finding.code in muted[1]):
""",
}
