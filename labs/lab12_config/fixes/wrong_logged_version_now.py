"""The line after the call names the version that is in force by then, not the one of the order."""

LIKE = "right_snapshot"
LOSES = {
    "logs": "other_version",
}
CHANGED = {
    '"charged", request_id=order["id"], version=settings.version': '"charged", request_id=order["id"], version=self.version',
}
