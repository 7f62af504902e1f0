"""One request with a limit clears its session."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf102"}
CHANGED = {
    """\
    loose = {name for name, uses in requests.items() if not all(limited(tree, use) for use in uses)}
""": """\
    loose = {name for name, uses in requests.items() if not any(limited(tree, use) for use in uses)}
""",
}
