"""All that stands inside of start counts as filled once, handlers too."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf103"}
CHANGED = {
    """\
        if getattr(node.inside, "name", "start") in ("start", "__init__"):
            continue
""": """\
        outer = node.inside
        while outer is not None and outer.inside is not None:
            outer = outer.inside
        if getattr(outer, "name", "start") in ("start", "__init__"):
            continue
""",
}
