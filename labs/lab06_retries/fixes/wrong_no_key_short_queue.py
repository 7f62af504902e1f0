"""Deadlines and a queue that hold in every stall, and no idempotency key: an answer just after the timeout charges twice."""

LIKE = "right_all"
LOSES = {"charged_once": "double_charge"}
CHANGED = {
    'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"], "X-Timeout-S": str(TIMEOUT_S)}': """\
headers = {"X-Request-Id": order["id"], "X-Timeout-S": str(TIMEOUT_S)}""",
}
