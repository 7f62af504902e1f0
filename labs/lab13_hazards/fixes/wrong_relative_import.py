"""A relative import has no module's name: a TypeError."""

LIKE = "right_names"
LOSES = {"copes": "raises"}
CHANGED = {
    'f"{node.module}.{alias.name}"': 'node.module + "." + alias.name',
}
