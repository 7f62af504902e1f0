"""A second charge is sent where the first takes long, without a key: both may move money."""

import asyncio

import aiohttp

LOSES = {"paid": "paid_twice"}

TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}
HEDGE_AFTER_S = 0.1


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
        first = asyncio.create_task(self.charge(visit, order))
        done, _ = await asyncio.wait({first}, timeout=HEDGE_AFTER_S)
        calls = {first} if done else {first, asyncio.create_task(self.charge(visit, order))}
        while calls:
            done, calls = await asyncio.wait(calls, return_when=asyncio.FIRST_COMPLETED)
            for call in done:
                if call.exception() is None:
                    for other in calls:
                        other.cancel()
                    return call.result()
        raise Unavailable("payments: neither call was answered")

    async def charge(self, visit, order: dict) -> dict:
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
        headers = {"X-Request-Id": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
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
