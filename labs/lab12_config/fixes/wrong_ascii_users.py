"""A user's place is made of the letters of ASCII in the name: all others share one place."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "same_place",
}
CHANGED = {
    """f"{flag}:{user}".encode()""": """f"{flag}:{user}".encode("ascii", "ignore")""",
}
