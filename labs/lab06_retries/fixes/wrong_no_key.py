"""A retry budget, but no idempotency key: the few retries that are left still charge twice."""

LIKE = "right_budget"
LOSES = {"charged_once": "double_charge"}
CHANGED = {
    'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}': 'headers = {"X-Request-Id": order["id"]}',
}
