"""Of several things in one `with`, only the first is looked at."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf101"}
CHANGED = {
    """\
            for item in node.items:
                if full(tree, item.context_expr).startswith("threading."):
""": """\
            for item in node.items[:1]:
                if full(tree, item.context_expr).startswith("threading."):
""",
}
