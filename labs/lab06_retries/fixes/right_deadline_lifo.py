"""Deadlines sent along and honoured, newest job first: no work for callers who have left."""

import asyncio
from collections import deque

import aiohttp

ATTEMPTS = 4
TIMEOUT_S = 0.4


class PaymentFailed(Exception):
    """The customer could not be charged."""


class PaymentsClient:
    """The shop's side: asks the payments service to charge an order."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url

    async def charge(self, order: dict) -> dict:
        for attempt in range(ATTEMPTS):
            try:
                return await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                continue
        raise PaymentFailed(f"order {order['id']}: no answer after {ATTEMPTS} attempts")

    async def attempt(self, order: dict) -> dict:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"], "X-Timeout-S": str(TIMEOUT_S)}
        async with self.session.post(self.url, json=order, headers=headers, timeout=timeout) as response:
            response.raise_for_status()
            return await response.json()


class WorkQueue:
    """The payments side: work whose caller has gone is thrown away, not done."""

    def __init__(self) -> None:
        self.jobs: deque = deque()

    def offer(self, job) -> bool:
        """Take a job in, or refuse it by returning False: the caller is then answered 503 at once."""
        self.jobs.append(job)
        return True

    def take(self):
        """The next job whose caller still waits, or None."""
        now = asyncio.get_running_loop().time()
        while self.jobs:
            job = self.jobs.pop()
            if now < job.arrived + float(job.headers.get("X-Timeout-S", "inf")):
                return job
            job.refuse("expired", 504)
        return None
