"""Whoever asks for the len of a container is believed to bound it."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf103"}
CHANGED = {
    """\
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "len" and isinstance(node.parent, ast.Compare):
""": """\
        elif isinstance(node, ast.Call) and ast.unparse(node.func) == "len":
""",
}
