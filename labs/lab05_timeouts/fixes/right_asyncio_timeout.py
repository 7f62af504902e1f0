"""One session; asyncio.timeout_at round each call, the seconds that are left passed on."""

import asyncio

import aiohttp

TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}


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
        now = asyncio.get_running_loop().time()
        until = min(visit.deadline, now + TIMEOUTS_S[name])
        if until <= now:
            raise Unavailable(f"no time left to ask {name}")
        headers = {"X-Request-Id": visit.request_id, "X-Timeout-S": f"{until - now:.3f}"}
        try:
            async with (
                asyncio.timeout_at(until),
                self.session.request(method, self.urls[name] + path, headers=headers, **more) as response,
            ):
                if response.status != 200:
                    raise Unavailable(f"{name} answered {response.status}")
                return await response.json()
        except (aiohttp.ClientError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error
