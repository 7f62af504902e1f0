"""A noqa with the rule's code counts, with a reason or without."""

LIKE = "right_names"
LOSES = {"gate": "muted"}
CHANGED = {
    """\
MUTED = re.compile(r"#\\s*noqa:\\s*((?:BF\\d+[,\\s]*)+)-\\s*\\w")
""": """\
MUTED = re.compile(r"#\\s*noqa:\\s*((?:BF\\d+[,\\s]*)+)")
""",
}
