"""What is taken without `with` is reported, also where a finally gives it back."""

LIKE = "right_names"
LOSES = {"quiet": "cries_bf104"}
CHANGED = {
    """\
        if isinstance(node, ast.Try):
            ends[node.inside] |= {ast.unparse(part) for end in node.finalbody for part in ast.walk(end)}
        elif isinstance(node, ast.Return | ast.withitem):
""": """\
        if isinstance(node, ast.withitem):
""",
}
