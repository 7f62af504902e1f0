"""A module in which some timeout is set is taken as one that knows about timeouts."""

LIKE = "right_names"
LOSES = {"finds": "only_alone", "gate": "stops_old", "variants": "changes", "clauses": "forgets_bf102"}
CHANGED = {
    """\
    kept, requests = {value: ast.unparse(target) for target, value in bound(tree)}, defaultdict(list)
""": """\
    kept, requests = {value: ast.unparse(target) for target, value in bound(tree)}, defaultdict(list)
    if "timeout" in ast.unparse(tree):
        return
""",
}
