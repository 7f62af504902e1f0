"""The place follows from the user alone: all flags are tried on the same users."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "one_bucket",
}
CHANGED = {
    'f"{flag}:{user}"': "user",
}
