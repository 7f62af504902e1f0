"""The version goes into the place: each new file draws the users anew."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "moves_with_version",
}
CHANGED = {
    'f"{flag}:{user}"': 'f"{self.version}:{flag}:{user}"',
}
