"""The gate counts all files together: what is mended in one may come in another."""

LIKE = "right_names"
LOSES = {"gate": "other_file"}
CHANGED = {
    """\
    for path, source in after.items():
        known = Counter((finding.code, text) for finding, text in findings(path, before.get(path, "")))
""": """\
    known = Counter((finding.code, text) for path in before for finding, text in findings(path, before[path]))
    for path, source in after.items():
""",
}
