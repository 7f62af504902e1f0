"""Helpers are followed from call to call, also in a circle: a RecursionError."""

LIKE = "right_names"
LOSES = {"copes": "raises"}
CHANGED = {
    """\
    left, seen = [node for node in walk(tree) if isinstance(node, ast.AsyncFunctionDef)], {None}
    while left:
        function = left.pop()
        for lock in locks[function] if function not in seen else ():
            yield lock.lineno, "this lock blocks the event loop: asyncio.Lock"
        for call in calls[function] if function not in seen else ():
            if BLOCKS.fullmatch(full(tree, call.func)):
                yield call.lineno, f"{full(tree, call.func)} blocks the event loop: await asyncio.to_thread(...)"
            called = functions.get(ast.unparse(call.func).removeprefix("self."))
            if isinstance(called, ast.FunctionDef):
                left.append(called)
        seen.add(function)
""": """\

    def follow(function):
        for lock in locks[function]:
            yield lock.lineno, "this lock blocks the event loop: asyncio.Lock"
        for call in calls[function]:
            if BLOCKS.fullmatch(full(tree, call.func)):
                yield call.lineno, f"{full(tree, call.func)} blocks the event loop: await asyncio.to_thread(...)"
            called = functions.get(ast.unparse(call.func).removeprefix("self."))
            if isinstance(called, ast.FunctionDef):
                yield from follow(called)

    for node in walk(tree):
        if isinstance(node, ast.AsyncFunctionDef):
            yield from follow(node)
""",
}
