"""asyncio.wait_for round a thread: the caller goes on, the thread stays, and there are six."""

import asyncio
import json
import urllib.error
import urllib.parse
import urllib.request

LOSES = {
    "left_over": "calls_left",
    "healthy": "few_at_once",
    "page": "no_fallback",
    "drip": "dripped",
    "recovers": "not_asked",
    "stops": "more_than_waited",
}

TIMEOUTS_S = {"payments": 0.45, "search": 0.4, "recommendations": 0.3}


class Unavailable(Exception):
    """A customer cannot be served now; the storefront answers 504."""


class Storefront:
    """Asks payments, search and recommendations on a customer's behalf."""

    def __init__(self, urls: dict, tracing: list) -> None:
        self.urls = urls
        self.tracing = tracing

    async def start(self) -> None:
        pass  # urllib opens a connection for each call

    async def stop(self) -> None:
        pass

    async def checkout(self, visit, order: dict) -> dict:
        return await self.ask(visit, "payments", "/charge", json.dumps(order).encode())

    async def search(self, visit, words: str) -> dict:
        return await self.ask(visit, "search", "/find?" + urllib.parse.urlencode({"words": words}))

    async def product(self, visit, sku: str) -> dict:
        try:
            found = await self.ask(visit, "recommendations", f"/for?sku={sku}")
        except Unavailable:
            return {"sku": sku, "recommended": []}
        return {"sku": sku, "recommended": found["recommended"]}

    async def ask(self, visit, name: str, path: str, body: bytes | None = None) -> dict:
        given = min(TIMEOUTS_S[name], visit.left())
        if given <= 0:
            raise Unavailable(f"no time left to ask {name}")
        headers = {"X-Request-Id": visit.request_id, "Idempotency-Key": visit.request_id, "X-Timeout-S": f"{given:.3f}"}
        asked = urllib.request.Request(self.urls[name] + path, body, headers)
        try:
            return await asyncio.wait_for(asyncio.to_thread(fetch, asked), given)
        except (OSError, TimeoutError) as error:
            raise Unavailable(f"{name}: {type(error).__name__}") from error


def fetch(asked: urllib.request.Request) -> dict:
    """Ask and wait. To give up on the thread that runs this does not end it."""
    with urllib.request.urlopen(asked) as response:
        return json.load(response)
