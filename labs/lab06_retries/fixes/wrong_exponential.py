"""Exponential back-off without jitter: spreads the attempts, keeps their number."""

LIKE = "broken"
LOSES = {"recovers": "retries_sustain_it", "recovers_long": "retries_sustain_it", "amplification": "amplifies"}
CHANGED = {
    "TIMEOUT_S = 0.4": """\
TIMEOUT_S = 0.4
BASE_S = 0.1
CAP_S = 2.0""",
    "        for attempt in range(ATTEMPTS):": """\
        for attempt in range(ATTEMPTS):
            if attempt:
                await asyncio.sleep(min(CAP_S, BASE_S * 2**attempt))""",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
