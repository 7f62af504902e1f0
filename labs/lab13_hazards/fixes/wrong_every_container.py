"""Each container that something is added to is reported, whatever is taken out of it."""

LIKE = "right_names"
LOSES = {"quiet": "cries_bf103", "clauses": "forgets_bf103"}
CHANGED = {
    """\
        if (queue or container) and did & GROWS and not did & ({"len", "="} if queue else SHRINKS | {"len", "="}):
""": """\
        if (queue or container) and did & GROWS:
""",
}
