"""For each function the whole tree is searched for its calls."""

LIKE = "right_names"
LOSES = {"fast": "walks_in_walks"}
CHANGED = {
    """\
            calls[node.inside].append(node)
        elif isinstance(node, ast.With):
""": """\
            continue
        if isinstance(node, ast.With):
""",
    """\
    functions = {node.name: node for node in walk(tree) if isinstance(node, FUNCTIONS)}
""": """\
    functions = {node.name: node for node in walk(tree) if isinstance(node, FUNCTIONS)}
    for function in functions.values():
        for node in walk(tree):
            if node.inside is function and isinstance(node, ast.Call):
                if not isinstance(node.parent, ast.Await | ast.Lambda):
                    calls[function].append(node)
""",
}
