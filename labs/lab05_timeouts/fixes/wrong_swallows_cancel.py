"""Tries again whatever happens: the timeout's own cancellation is one of the things that happen."""

import asyncio

import aiohttp

LOSES = {"healthy": "pool_full", "page": "too_late", "drip": "pool_full", "recovers": "pool_stays_full"}

TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
ATTEMPTS = 3


class Unavailable(Exception):
    """A customer cannot be served now; the storefront answers 504."""


class Storefront:
    """Asks payments, search and recommendations on a customer's behalf."""

    def __init__(self, urls: dict, tracing: list) -> None:
        self.urls = urls
        self.tracing = tracing

    async def start(self) -> None:
        self.session = aiohttp.ClientSession(trace_configs=self.tracing)

    async def stop(self) -> None:
        await self.session.close()

    async def checkout(self, visit, order: dict) -> dict:
        return await self.ask(visit, "payments", "POST", "/charge", json=order)

    async def search(self, visit, words: str) -> dict:
        return await self.ask(visit, "search", "GET", "/find", params={"words": words})

    async def product(self, visit, sku: str) -> dict:
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Unavailable:
            return {"sku": sku, "recommended": []}
        return {"sku": sku, "recommended": found["recommended"]}

    async def ask(self, visit, name: str, method: str, path: str, **more) -> dict:
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")
        try:
            async with asyncio.timeout(given):
                return await self.attempts(visit, given, method, self.urls[name] + path, **more)
        except TimeoutError as error:
            raise Unavailable(f"{name}: no answer") from error

    async def attempts(self, visit, given: float, method: str, url: str, **more) -> dict:
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        for attempt in range(ATTEMPTS):
            try:
                async with self.session.request(method, url, headers=headers, **more) as response:
                    if response.status == 200:
                        return await response.json()
            except BaseException:
                continue
        raise Unavailable(f"{url}: no answer after {ATTEMPTS} attempts")
