"""The shop that is tested: a gateway in front of payments. versions.py makes each version from this text.

POST /orders      {"id", "client", "amount"}: 200 with a receipt; 422 for an amount that is not above 0; 503 if refused
GET  /pages/N     200 with page N
GET  /health      200
"""

from __future__ import annotations

import asyncio
from collections import Counter, defaultdict
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, work

ATTEMPTS = 1
RECS_TIMEOUT_S = 0.2
FLUSH_S, FLUSH_EVERY_S = 0.002, 5.0
ERRORS = 0.02  # single failures, for reasons of their own
COLD_S, COLD_EXTRA_S = 3.0, 0.6  # how long the gateway is cold, and how much longer each order takes meanwhile
RENDER_S = 0.15
SLOW_RECS, SLOW_RECS_S = 0.12, 1.5  # the share of recommendations that take so long

WORKERS, BANK_S = 2, 0.1
SIGNATURE_S = 0.01
BOUND = 8
PER_CLIENT = 3
GIVE_UP_S = 5.0


def gateway(env: Env) -> web.Application:
    """Serves pages from a cache, and hands orders to payments."""
    rng = Random(f"gateway {env.seed} {env.secret}")
    pages: dict[Any, Any] = {}
    session: aiohttp.ClientSession
    first = 0.0

    async def order(request: web.Request) -> web.Response:
        nonlocal first
        first = first or asyncio.get_running_loop().time()
        if asyncio.get_running_loop().time() - first < COLD_S:
            await asyncio.sleep(COLD_EXTRA_S)
        if rng.random() < ERRORS:
            return web.json_response({"error": "this instance is being moved"}, status=500)
        body, headers = await request.read(), {"X-Request-Id": request.headers.get("X-Request-Id", "")}
        for _ in range(ATTEMPTS):
            async with session.post(env.urls["payments"] + "/charge", data=body, headers=headers) as response:
                answer = await response.json()
            if response.status != 503:
                break
        told = {name: value for name, value in response.headers.items() if name == "Retry-After"}
        return web.json_response(answer, status=response.status, headers=told)

    async def page(request: web.Request) -> web.Response:
        if rng.random() < ERRORS:
            return web.json_response({"error": "this instance is being moved"}, status=500)
        number = int(request.match_info["number"])
        key: object = number
        if key not in pages:
            await asyncio.sleep(RENDER_S)
            pages[key] = {"page": number}
        return web.json_response({**pages[key], "recommended": await recommended(number)})

    async def recommended(number: int) -> list[int]:
        """Pages that go with this one; none if that takes too long."""
        try:
            async with asyncio.timeout(RECS_TIMEOUT_S):
                await asyncio.sleep(SLOW_RECS_S if rng.random() < SLOW_RECS else 0)
                return [number + 1, number + 2]
        except TimeoutError:
            return []

    async def flush() -> None:
        """Write the metrics out, now and then."""
        while True:
            await asyncio.sleep(FLUSH_EVERY_S)
            work.cpu(FLUSH_S)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield

    async def health(request: web.Request) -> web.Response:
        return web.json_response({"healthy": True})

    routes = web.post("/orders", order), web.get("/pages/{number}", page), web.get("/health", health)
    return application(*routes, lifespan=lifespan, background=[flush])


class Desk:
    """The places in front of the bank: how many orders are inside, of each client."""

    def __init__(self) -> None:
        self.inside: Counter[str] = Counter()
        self.order: Any = None

    def full(self, client: str) -> bool:
        """Is there no place for another order of this client?"""
        return self.inside.total() >= BOUND + WORKERS or self.inside[client] >= PER_CLIENT

    def take(self, client: str) -> None:
        """Take a place."""
        self.inside[client] += 1

    def give_back(self, client: str) -> None:
        """Give a place back."""
        self.inside[client] -= 1


def payments(env: Env) -> web.Application:
    """POST /charge: checks the signature, then has the bank charge the order, WORKERS at a time."""
    desk = Desk()
    signature, one = work.Pace(SIGNATURE_S), asyncio.Semaphore(1)
    free: asyncio.Queue[work.Pace] = asyncio.Queue()
    for _ in range(WORKERS):
        free.put_nowait(work.Pace(BANK_S))
    receipts: dict[str, dict[str, Any]] = {}
    under_way: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)
    env.signals.event("capacity", f"{WORKERS / BANK_S:.3f}")

    def refused() -> web.Response:
        return web.json_response({"error": "too many orders"}, status=503, headers={"Retry-After": "1"})

    async def charge(request: web.Request) -> web.Response:
        order = await request.json()
        async with one:
            await signature.work()
        key = order["id"]
        async with under_way[key]:  # the same order, sent again meanwhile, waits for the first
            return await charged(order, key)

    async def charged(order: Any, key: str) -> web.Response:
        if key in receipts:
            return web.json_response(receipts[key])
        client = order["client"]
        if desk.full(client):
            return refused()
        desk.take(client)
        if order["amount"] <= 0:
            desk.give_back(client)
            return web.json_response({"error": "the amount must be above 0"}, status=422)
        try:
            async with asyncio.timeout(GIVE_UP_S):
                worker = await free.get()
        except TimeoutError:
            desk.give_back(client)
            return refused()
        current = order
        await worker.work()
        receipts[key] = {"order": current["id"], "amount": current["amount"], "receipt": len(receipts) + 1}
        free.put_nowait(worker)
        desk.give_back(client)
        return web.json_response(receipts[key])

    return application(web.post("/charge", charge))
