"""A new id in each service: within one it can be searched for, from one to the next it cannot."""

LIKE = "right_contextvar"
LOSES = {"same_id": "new_id_each", "told": "other_id", "quiet": "false_alarms"}
CHANGED = {
    'request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex': "request_id = uuid.uuid4().hex",
}
