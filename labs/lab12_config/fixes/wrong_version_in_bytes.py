"""The length of a version is counted in bytes: a good version of 64 characters is refused."""

LIKE = "right_snapshot"
LOSES = {
    "last_good": "refuses_good",
}
CHANGED = {
    """len(content["version"]) <= 64""": """len(content["version"].encode()) <= 64""",
}
