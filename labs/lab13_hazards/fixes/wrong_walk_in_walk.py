"""For each function the whole tree is searched for its calls."""

LIKE = "right_names"
LOSES = {"fast": "walks_in_walks"}
CHANGED = {
    """\
    calls = defaultdict(list)
    for node in walk(tree):
        if isinstance(node, ast.Call) and not isinstance(node.parent, ast.Await | ast.Lambda):
            calls[node.inside].append(node)
    functions = {node.name: node for node in walk(tree) if isinstance(node, FUNCTIONS)}
""": """\
    functions = {node.name: node for node in walk(tree) if isinstance(node, FUNCTIONS)}
    calls = {
        function: [
            node
            for node in walk(tree)
            if node.inside is function and isinstance(node, ast.Call) and not isinstance(node.parent, ast.Await)
        ]
        for function in walk(tree)
        if isinstance(function, FUNCTIONS)
    }
""",
}
