"""A circuit breaker: after five failures in a row, no attempts for two seconds."""

import asyncio
from collections import deque

import aiohttp

ATTEMPTS = 4
TIMEOUT_S = 0.4
THRESHOLD = 5
OPEN_S = 2.0


class PaymentFailed(Exception):
    """The customer could not be charged."""


class PaymentsClient:
    """The shop's side: asks the payments service to charge an order."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.failures = 0
        self.open_until = 0.0

    async def charge(self, order: dict) -> dict:
        loop = asyncio.get_running_loop()
        for attempt in range(ATTEMPTS):
            if loop.time() < self.open_until:
                break
            try:
                receipt = await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                self.failures += 1
                if self.failures >= THRESHOLD:
                    self.open_until = loop.time() + OPEN_S
                    self.failures = 0
            else:
                self.failures = 0
                return receipt
        raise PaymentFailed(f"order {order['id']}: not charged")

    async def attempt(self, order: dict) -> dict:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        headers = {"X-Request-Id": order["id"], "Idempotency-Key": order["id"]}
        async with self.session.post(self.url, json=order, headers=headers, timeout=timeout) as response:
            response.raise_for_status()
            return await response.json()


class WorkQueue:
    """The payments side: charges that wait for their turn at the bank, which takes one at a time."""

    def __init__(self) -> None:
        self.jobs: deque = deque()

    def offer(self, job) -> bool:
        """Take a job in, or refuse it by returning False: the caller is then answered 503 at once."""
        self.jobs.append(job)
        return True

    def take(self):
        """The next job to do, or None if there is none."""
        return self.jobs.popleft() if self.jobs else None
