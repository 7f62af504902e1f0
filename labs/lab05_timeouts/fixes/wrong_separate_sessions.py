"""A session for each service, and no timeout: the others are safe, product pages are not."""

import aiohttp

LOSES = {"page": "too_late", "drip": "dripped", "recovers": "pool_stays_full"}


class Unavailable(Exception):
    """A customer cannot be served now; the storefront answers 504."""


class Storefront:
    """Asks payments, search and recommendations on a customer's behalf."""

    def __init__(self, urls: dict, tracing: list) -> None:
        self.urls = urls
        self.tracing = tracing
        self.sessions: dict = {}

    async def start(self) -> None:
        for name in self.urls:
            self.sessions[name] = aiohttp.ClientSession(trace_configs=self.tracing)

    async def stop(self) -> None:
        for session in self.sessions.values():
            await session.close()

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
        given = visit.left()
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        try:
            async with self.sessions[name].request(method, self.urls[name] + path, headers=headers, **more) as response:
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error
