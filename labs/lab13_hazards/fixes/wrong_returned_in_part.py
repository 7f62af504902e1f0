"""A value is taken for handed on if what is returned names it."""

LIKE = "right_names"
LOSES = {"finds": "misses_bf104", "clauses": "forgets_bf104"}
CHANGED = {
    """\
        elif isinstance(node, ast.Return | ast.withitem):
            ends[node.inside].add(""": """\
        elif isinstance(node, ast.Return) and node.value:
            ends[node.inside] |= {ast.unparse(part) for part in ast.walk(node.value)}
        elif isinstance(node, ast.withitem):
            ends[node.inside].add(""",
}
