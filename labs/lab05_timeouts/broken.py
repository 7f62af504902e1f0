"""What the storefront does for a customer, as it failed in production."""

import aiohttp


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
        return await self.ask(visit, "POST", self.urls["payments"] + "/charge", json=order)

    async def search(self, visit, words: str) -> dict:
        return await self.ask(visit, "GET", self.urls["search"] + "/find", params={"words": words})

    async def product(self, visit, sku: str) -> dict:
        found = await self.ask(visit, "GET", self.urls["recommendations"] + "/for", params={"sku": sku})
        return {"sku": sku, "recommended": found["recommended"]}

    async def ask(self, visit, method: str, url: str, **more) -> dict:
        headers = {"X-Request-Id": visit.request_id}
        async with self.session.request(method, url, headers=headers, **more) as response:
            if response.status != 200:
                raise Unavailable(f"{url} answered {response.status}")
            return await response.json()
