"""A ClientTimeout is good if total is named, also as None."""

LIKE = "right_names"
LOSES = {"clauses": "forgets_bf102"}
CHANGED = {
    """\
        elif name == "aiohttp.ClientTimeout" and not limit(call, "total"):
""": """\
        elif name == "aiohttp.ClientTimeout" and not any(k.arg == "total" for k in call.keywords):
""",
}
