"""The share goes into the place: who was in at 10 % may be out at 30 %."""

LIKE = "right_snapshot"
LOSES = {
    "buckets": "shuffled",
}
CHANGED = {
    'f"{flag}:{user}"': "f\"{flag}:{found['percent']}:{user}\"",
}
