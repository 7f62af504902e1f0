"""Calls are followed to the second function, and not further."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf101"}
CHANGED = {
    """\
            if isinstance(called, ast.FunctionDef):
                left.append(called)
""": """\
            if isinstance(called, ast.FunctionDef) and depth[function] < 2:
                depth[called] = depth[function] + 1
                left.append(called)
""",
    """\
    left, seen = [node for node in walk(tree) if isinstance(node, ast.AsyncFunctionDef)], {None}
""": """\
    left, seen = [node for node in walk(tree) if isinstance(node, ast.AsyncFunctionDef)], {None}
    depth = dict.fromkeys(left, 0)
""",
}
