"""For each thing that is taken, the whole function is read again."""

LIKE = "right_graph"
LOSES = {"fast": "each_with_each"}
CHANGED = {
    """\
    ends = {}
    for name, value in taken:
""": """\
    for name, value in taken:
""",
    """\
            if function not in ends:
                ends[function] = {ast.unparse(part) for node in m.body(function) for part in _ends(node)}
            if name not in ends[function]:
""": """\
            ends = {ast.unparse(part) for node in m.body(function) for part in _ends(node)}
            if name not in ends:
""",
}
