"""The timeout raised to 5 s: survives a stall of 3 s, not one of 8 s."""

LIKE = "broken"
LOSES = {"recovers_long": "retries_sustain_it"}
CHANGED = {
    "TIMEOUT_S = 0.4": "TIMEOUT_S = 5.0",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
