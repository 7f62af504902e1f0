"""Full jitter and a single retry: 60 attempts a second on a capacity of 50."""

LIKE = "broken"
LOSES = {"recovers": "retries_sustain_it", "recovers_long": "retries_sustain_it", "amplification": "amplifies"}
CHANGED = {
    "import asyncio": """\
import asyncio
import random""",
    "ATTEMPTS = 4": "ATTEMPTS = 2",
    "TIMEOUT_S = 0.4": """\
TIMEOUT_S = 0.4
BASE_S = 0.1
CAP_S = 2.0""",
    "            try:": """\
            if attempt:
                await asyncio.sleep(random.uniform(0, min(CAP_S, BASE_S * 2**attempt)))
            try:""",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
}
