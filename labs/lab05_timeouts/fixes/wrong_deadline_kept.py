"""The timeouts are right, but payments is not told: it works on for customers who have left."""

LIKE = "wrong_below_p99"
LOSES = {"stops": "not_told"}
CHANGED = {
    """\
TIMEOUTS_S = {"payments": 0.12, "search": 0.12, "recommendations": 0.12}""": """\
TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}""",
    """\
headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}""": """\
headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id}""",
}
