"""Adaptive throttling: the shop rejects by itself what payments would most likely not answer."""

import asyncio
import random
from collections import deque

import aiohttp

ATTEMPTS = 4
TIMEOUT_S = 0.4
K = 2.0
WINDOW_S = 10.0
FEWEST = 10  # requests without an answer: below, a cold start (one sent, none answered yet) would look like an outage


class PaymentFailed(Exception):
    """The customer could not be charged."""


class PaymentsClient:
    """The shop's side: asks the payments service to charge an order."""

    def __init__(self, session: aiohttp.ClientSession, url: str) -> None:
        self.session = session
        self.url = url
        self.history: deque = deque()

    async def charge(self, order: dict) -> dict:
        for attempt in range(ATTEMPTS):
            if self.rejects():
                break
            self.note(False)
            try:
                receipt = await self.attempt(order)
            except (aiohttp.ClientError, asyncio.TimeoutError):
                continue
            self.note(True)
            return receipt
        raise PaymentFailed(f"order {order['id']}: not charged")

    def note(self, accepted: bool) -> None:
        self.history.append((asyncio.get_running_loop().time(), accepted))

    def rejects(self) -> bool:
        """Reject with p = max(0, (requests - K accepts) / (requests + 1)) over a sliding window."""
        since = asyncio.get_running_loop().time() - WINDOW_S
        while self.history and self.history[0][0] < since:
            self.history.popleft()
        accepts = sum(accepted for _, accepted in self.history)
        requests = len(self.history) - accepts
        return requests >= FEWEST and random.random() < max(0.0, (requests - K * accepts) / (requests + 1))

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
