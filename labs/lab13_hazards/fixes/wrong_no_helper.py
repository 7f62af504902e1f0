"""Calls are looked for in coroutines, and not in the functions that these call."""

LIKE = "right_names"
LOSES = {"lines": "misses_bf101", "clauses": "forgets_bf101"}
CHANGED = {
    """\
            if isinstance(called, ast.FunctionDef):
                left.append(called)
""": """\
            if isinstance(called, ast.AsyncFunctionDef):
                left.append(called)
""",
}
