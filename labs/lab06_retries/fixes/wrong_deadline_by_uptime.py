"""The shop sends the end of its patience as a time of its own monotonic clock; that of payments shows something else."""

LIKE = "right_deadline_lifo"
LOSES = {
    "recovers": "turned_away",
    "recovers_long": "turned_away",
    "amplification": "amplifies",
    "calm": "normal_load_harmed",
    "hiccups": "hiccups_shown",
}
LIVE_MAY_DIFFER = dict.fromkeys(LOSES, "one machine plays both, so both read one clock")
CHANGED = {
    """\
        headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"], "X-Timeout-S": str(TIMEOUT_S)}
""": """\
        until = asyncio.get_running_loop().time() + TIMEOUT_S
        headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"], "X-Deadline": str(until)}
""",
    """\
            if now < job.arrived + float(job.headers.get("X-Timeout-S", "inf")):
""": """\
            if now < float(job.headers.get("X-Deadline", "inf")):
""",
}
