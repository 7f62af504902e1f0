"""The shop makes the id, as many examples do, although the caller has sent one."""

LIKE = "right_contextvar"
LOSES = {"same_id": "id_of_the_shop", "told": "other_id", "quiet": "false_alarms"}
CHANGED = {
    """\
request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex""": """\
request_id = uuid.uuid4().hex if self.service == "shop" else request.headers["X-Request-Id"]""",
}
