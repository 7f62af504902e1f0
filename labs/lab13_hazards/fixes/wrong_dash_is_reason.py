"""A noqa counts with a dash behind its code, and nothing behind the dash."""

LIKE = "right_names"
LOSES = {"gate": "muted"}
CHANGED = {
    """\
MUTED = re.compile(r"#\\s*noqa:\\s*((?:BF\\d+[,\\s]*)+)-\\s*\\w")
""": """\
MUTED = re.compile(r"#\\s*noqa:\\s*((?:BF\\d+[,\\s]*)+)-")
""",
}
