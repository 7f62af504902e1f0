"""Names are compared as they are written; what an import calls them is not looked up."""

LIKE = "right_names"
LOSES = {"finds": "only_alone", "variants": "changes", "clauses": "forgets"}
CHANGED = {
    """\
            if isinstance(node, ast.ImportFrom):
                tree.names |= {alias.asname or alias.name: f"{node.module}.{alias.name}" for alias in node.names}
            elif isinstance(node, ast.Import):
                tree.names |= {alias.asname: alias.name for alias in node.names if alias.asname}
""": """\
            if isinstance(node, ast.ImportFrom):
                tree.names |= {alias.name: f"{node.module}.{alias.name}" for alias in node.names}
""",
}
