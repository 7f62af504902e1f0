"""An old finding is known by its line's number."""

LIKE = "right_names"
LOSES = {"gate": "both"}
CHANGED = {
    """\
        known = Counter((finding.code, text) for finding, text in findings(path, before.get(path, "")))
        for finding, text in findings(path, source):
            known[finding.code, text] -= 1
            muted = MUTED.search(text)
            if known[finding.code, text] < 0 and not (muted and finding.code in muted[1]):
""": """\
        known = {(finding.code, finding.line) for finding, _ in findings(path, before.get(path, ""))}
        for finding, text in findings(path, source):
            muted = MUTED.search(text)
            if (finding.code, finding.line) not in known and not (muted and finding.code in muted[1]):
""",
}
