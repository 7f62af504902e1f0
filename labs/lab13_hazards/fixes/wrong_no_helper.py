"""Calls are looked for in coroutines, and not in the functions that these call."""

LIKE = "right_names"
LOSES = {"finds": "misses_bf101", "lines": "misses_bf101"}
CHANGED = {
    """\
            if isinstance(called, ast.FunctionDef):
                left.append(called)
""": """\
            if isinstance(called, ast.AsyncFunctionDef):
                left.append(called)
""",
}
