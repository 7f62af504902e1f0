"""One caller with a limit clears what it calls."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf102"}
CHANGED = {
    """\
    return bool(calls) and all(limited(tree, c, (*below, function)) for c in calls)
""": """\
    return any(limited(tree, c, (*below, function)) for c in calls)
""",
}
