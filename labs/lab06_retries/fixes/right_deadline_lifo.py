"""Deadlines sent along and honoured, newest job first: no work for callers who have left."""

LIKE = "broken"
CHANGED = {
    'headers = {"X-Request-Id": order["id"]}': (
        'headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"], "X-Timeout-S": str(TIMEOUT_S)}'
    ),
    '"""The payments side: charges that wait for their turn at the bank, which takes one at a time."""': (
        '"""The payments side: work whose caller has gone is thrown away, not done."""'
    ),
    '''\
        """The next job to do, or None if there is none."""
        return self.jobs.popleft() if self.jobs else None''': '''\
        """The next job whose caller still waits, or None."""
        now = asyncio.get_running_loop().time()
        while self.jobs:
            job = self.jobs.pop()
            if now < job.arrived + float(job.headers.get("X-Timeout-S", "inf")):
                return job
            job.refuse("expired", 504)
        return None''',
}
