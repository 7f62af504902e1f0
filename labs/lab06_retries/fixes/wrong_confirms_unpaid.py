"""Confirms the order when payments does not answer: no customer sees an error, and some are never charged."""

import asyncio
import random
from collections import deque

import aiohttp

LOSES = {"confirmed_is_charged": "unpaid"}

ATTEMPTS = 3
TIMEOUT_S = 0.4
BASE_S = 0.1
CAP_S = 1.0
BUDGET_MAX = 10.0
BUDGET_RATIO = 0.1
BOUND = 15


class PaymentFailed(Exception):
    """The customer could not be charged."""


class PaymentsClient:
    """The shop's side: asks the payments service to charge an order."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.tokens = BUDGET_MAX

    async def charge(self, order: dict) -> dict:
        self.tokens = min(BUDGET_MAX, self.tokens + BUDGET_RATIO)
        for attempt in range(ATTEMPTS):
            if attempt:
                if self.tokens < 1:
                    break
                self.tokens -= 1
                await asyncio.sleep(random.uniform(0, min(CAP_S, BASE_S * 2**attempt)))
            try:
                return await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                continue
        return {"order": order["id"], "number": 0}

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
        if len(self.jobs) >= BOUND:
            return False
        self.jobs.append(job)
        return True

    def take(self):
        """The next job whose caller still waits, or None."""
        now = asyncio.get_running_loop().time()
        while self.jobs:
            job = self.jobs.popleft()
            if now < job.arrived + float(job.headers.get("X-Timeout-S", "inf")):
                return job
            job.refuse("expired", 504)
        return None
