"""asyncio.timeout and wait_for are taken for limits, also with None."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf102"}
CHANGED = {
    """\
    return any(ast.unparse(one) != "None" for one in [*call.args[at:], *(k.value for k in call.keywords)])
""": """\
    return len(call.args) > at or bool(call.keywords)
""",
}
