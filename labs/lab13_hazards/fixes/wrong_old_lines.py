"""The gate knows the lines of before, not the findings: a function that becomes a coroutine changes another line."""

LIKE = "right_names"
LOSES = {"gate": "old_line"}
CHANGED = {
    """\
        known = Counter((finding.code, text) for finding, text in findings(path, before.get(path, "")))
""": """\
        known = Counter((code, line.strip()) for line in before.get(path, "").split("\\n") for code in RULES)
""",
}
