"""A module in which some timeout is set is taken as one that knows about timeouts."""

LIKE = "right_names"
LOSES = {"finds": "only_alone_BF102", "gate": "stops_old", "variants": "changes"}
CHANGED = {
    """\
    requests = [c for c in calls if full(tree, c.func).startswith("aiohttp.ClientSession.")]
""": """\
    requests = [c for c in calls if full(tree, c.func).startswith("aiohttp.ClientSession.")]
    if any(limit(call) for call in calls):
        return
""",
}
