"""A retry budget for the whole shop, with full jitter: ten orders earn one retry."""

LIKE = "right_all"
CHANGED = {
    """
BOUND = 15""": "",
    'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"], "X-Timeout-S": str(TIMEOUT_S)}': (
        'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}'
    ),
    '"""The payments side: work whose caller has gone is thrown away, not done."""': (
        '"""The payments side: charges that wait for their turn at the bank, which takes one at a time."""'
    ),
    """
        if len(self.jobs) >= BOUND:
            return False""": "",
    '''\
        """The next job whose caller still waits, or None."""
        now = asyncio.get_running_loop().time()
        while self.jobs:
            job = self.jobs.popleft()
            if now < job.arrived + float(job.headers.get("X-Timeout-S", "inf")):
                return job
            job.refuse("expired", 504)
        return None''': '''\
        """The next job to do, or None if there is none."""
        return self.jobs.popleft() if self.jobs else None''',
}
