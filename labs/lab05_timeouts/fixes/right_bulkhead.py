"""A bulkhead round each service, which refuses every call above a number at once; and a timeout."""

import asyncio

import aiohttp

TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
AT_ONCE = 30


class Unavailable(Exception):
    """A customer cannot be served now; the storefront answers 504."""


class Storefront:
    """Asks payments, search and recommendations on a customer's behalf."""

    def __init__(self, urls: dict, tracing: list) -> None:
        self.urls = urls
        self.tracing = tracing
        self.places = {name: asyncio.Semaphore(AT_ONCE) for name in TIMEOUTS_S}

    async def start(self) -> None:
        connector = aiohttp.TCPConnector(limit=0)  # the semaphores are the limit
        self.session = aiohttp.ClientSession(connector=connector, trace_configs=self.tracing)

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
        if self.places[name].locked():
            raise Unavailable(f"{AT_ONCE} calls to {name} are under way already")
        async with self.places[name]:
            return await self.call(visit, name, method, path, **more)

    async def call(self, visit, name: str, method: str, path: str, **more) -> dict:
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        timeout = aiohttp.ClientTimeout(total=given)
        try:
            async with self.session.request(
                method, self.urls[name] + path, headers=headers, timeout=timeout, **more
            ) as response:
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error
