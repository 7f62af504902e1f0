"""One of the two lines of an order does not name its version."""

LIKE = "right_snapshot"
LOSES = {
    "logs": "no_version",
}
CHANGED = {
    '"charging", request_id=order["id"], version=settings.version': '"charging", request_id=order["id"]',
}
