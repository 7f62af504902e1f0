"""The timeout cut to 60 ms: a queue of three jobs is enough for all work to be in vain, and it comes about by chance."""

import asyncio
from collections import deque

import aiohttp

LOSES = {
    "recovers": "retries_sustain_it",
    "recovers_long": "retries_sustain_it",
    "amplification": "amplifies",
    "calm": "normal_load_harmed",
    "hiccups": "hiccups_shown",
}

ATTEMPTS = 4
TIMEOUT_S = 0.06


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
