"""A function that is handed to a thread counts as called."""

LIKE = "right_names"
LOSES = {"quiet": "cries_bf101", "clauses": "forgets_bf101"}
CHANGED = {
    "isinstance(node.parent, ast.Await | ast.Lambda)": "isinstance(node.parent, ast.Lambda)",
    """\
            called = functions.get(ast.unparse(call.func).removeprefix("self."))
            if isinstance(called, ast.FunctionDef):
                left.append(called)
""": """\
            for one in (call.func, *call.args):
                called = functions.get(ast.unparse(one).removeprefix("self."))
                if isinstance(called, ast.FunctionDef):
                    left.append(called)
""",
}
