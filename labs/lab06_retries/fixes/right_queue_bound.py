"""A bound of 15 on the queue: what gets in is done before its caller gives up."""

LIKE = "broken"
CHANGED = {
    "TIMEOUT_S = 0.4": """\
TIMEOUT_S = 0.4
BOUND = 15""",
    'headers = {"X-Request-Id": order["id"]}': 'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}',
    "        self.jobs.append(job)": """\
        if len(self.jobs) >= BOUND:
            return False
        self.jobs.append(job)""",
}
