"""A new id in each service: it can be searched for within one service, and not from one to the next."""

LIKE = "right_contextvar"
LOSES = {"same_id": "new_id_each", "told": "other_id", "quiet": "false_alarms"}
CHANGED = {
    'request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex': "request_id = uuid.uuid4().hex",
}
