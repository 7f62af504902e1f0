"""The timeout cut to 60 ms: with a queue of three jobs, which arises by chance, all work is in vain."""

LIKE = "broken"
LOSES = {
    "recovers": "retries_sustain_it",
    "recovers_long": "retries_sustain_it",
    "amplification": "amplifies",
    "calm": "normal_load_harmed",
    "hiccups": "hiccups_shown",
}
CHANGED = {
    "TIMEOUT_S = 0.4": "TIMEOUT_S = 0.06",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
