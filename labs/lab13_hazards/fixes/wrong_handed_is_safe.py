"""A function that is handed to a thread anywhere is taken for one that never runs on the loop."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf101"}
CHANGED = {
    """\
            called = functions.get(ast.unparse(call.func).removeprefix("self."))
            if isinstance(called, ast.FunctionDef):
""": """\
            called = functions.get(ast.unparse(call.func).removeprefix("self."))
            if isinstance(called, ast.FunctionDef) and called.name not in handed:
""",
    """\
    left, seen = [node for node in walk(tree) if isinstance(node, ast.AsyncFunctionDef)], {None}
""": """\
    threads = [n for n in walk(tree) if isinstance(n, ast.Call) and full(tree, n.func) == "asyncio.to_thread"]
    handed = {getattr(argument, "id", "") for call in threads for argument in call.args}
    left, seen = [node for node in walk(tree) if isinstance(node, ast.AsyncFunctionDef)], {None}
""",
}
