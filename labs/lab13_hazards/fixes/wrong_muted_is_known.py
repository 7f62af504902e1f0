"""What was muted counts as known, without its comment: who takes the mute away brings nothing."""

LIKE = "right_names"
LOSES = {"gate": "unmuted"}
CHANGED = {
    """\
        known = Counter((finding.code, text) for finding, text in findings(path, before.get(path, "")))
""": """\
        known = Counter((found.code, text.split("#")[0].strip()) for found, text in findings(path, before.get(path, "")))
""",
}
