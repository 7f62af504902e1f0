"""Gives a call up after 0.5 s and tells payments that the customer waits for 2 s: told no, and charged after that."""

import aiohttp

LOSES = {"stops": "more_than_waited"}

TIMEOUT_S = 0.5


class Unavailable(Exception):
    """A customer cannot be served now; the storefront answers 504."""


class Storefront:
    """Asks payments, search and recommendations on a customer's behalf."""

    def __init__(self, urls: dict, tracing: list) -> None:
        self.urls = urls
        self.tracing = tracing

    async def start(self) -> None:
        timeout = aiohttp.ClientTimeout(total=TIMEOUT_S)
        self.session = aiohttp.ClientSession(timeout=timeout, trace_configs=self.tracing)

    async def stop(self) -> None:
        await self.session.close()

    async def checkout(self, visit, order: dict) -> dict:
        return await self.ask(visit, "payments", "POST", "/charge", json=order)

    async def search(self, visit, words: str) -> dict:
        return await self.ask(visit, "search", "GET", "/find", params={"words": words})

    async def product(self, visit, sku: str) -> dict:
        try:
            found = await self.ask(visit, "recommendations", "GET", "/for", params={"sku": sku})
        except Exception:
            return {"sku": sku, "recommended": []}
        return {"sku": sku, "recommended": found["recommended"]}

    async def ask(self, visit, name: str, method: str, path: str, **more) -> dict:
        headers = {"X-Request-Id": visit.request_id, "X-Timeout-S": f"{visit.left():.3f}"}
        async with self.session.request(method, self.urls[name] + path, headers=headers, **more) as response:
            if response.status != 200:
                raise Unavailable(f"{name} answered {response.status}")
            return await response.json()
