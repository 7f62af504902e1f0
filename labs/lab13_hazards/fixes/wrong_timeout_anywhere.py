"""A module in which some timeout is set is taken as one that knows about timeouts."""

LIKE = "right_names"
LOSES = {"finds": "only_alone", "gate": "stops_old", "variants": "changes"}
CHANGED = {
    """\
    requests = [c for c in calls if re.fullmatch(r"aiohttp\\.ClientSession\\.(get|post|request)", full(tree, c.func))]
""": """\
    requests = [c for c in calls if re.fullmatch(r"aiohttp\\.ClientSession\\.(get|post|request)", full(tree, c.func))]
    if "timeout" in ast.unparse(tree):
        return
""",
}
