"""The same retries, with an idempotency key: nobody pays twice, and nothing else is better."""

LIKE = "broken"
LOSES = {"recovers": "retries_sustain_it", "recovers_long": "retries_sustain_it", "amplification": "amplifies"}
CHANGED = {
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
