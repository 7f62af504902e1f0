"""The system around the repair: a front that deals orders out to two workers, a partner that knows prices, a database.

    load -> front -> api-1 -> database (PostgreSQL)
                  -> api-2 -> partner

The workers run the repair. Front, partner and database run none, so what they write into the record can be believed.
"""

from __future__ import annotations

import asyncio
import itertools
from collections.abc import AsyncIterator
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names
from labs.lab04_connections.scenarios import WORKERS

STATUSES = {"SoldOut": 409, "PartnerFailed": 502, "Busy": 503}
"""What customers are told where the repair raises the exception of that name; anything else is a 500."""
NO_WORKER = 504


def front(env: Env) -> web.Application:
    """POST /order?name=...: asks the two workers in turn. Each answer is a log "answer": name, status, worker, body.

    A worker that gives no answer is a 504. (Logs name the process that wrote them, so no other can write these.)
    """
    turns = itertools.cycle(WORKERS)
    session: aiohttp.ClientSession

    async def order(request: web.Request) -> web.Response:
        name = request.query.get("name", "")
        worker = next(turns)
        headers = {"X-Request-Id": request.headers.get("X-Request-Id", "")}
        try:
            async with session.post(f"{env.urls[worker]}/order", params={"name": name}, headers=headers) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, OSError):
            status, body = NO_WORKER, b'{"error": "no answer"}'
        text = body[:300].decode("utf-8", "replace")
        env.signals.log.info("answer", name=name, status=status, worker=worker, body=text)
        return web.Response(status=status, body=body, content_type="application/json")

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        # A new connection for each order, so that what a worker holds open at rest is its own doing.
        connector = aiohttp.TCPConnector(limit=0, force_close=True)
        async with aiohttp.ClientSession(connector=connector, timeout=aiohttp.ClientTimeout(30)) as session:
            yield

    return application(web.post("/order", order), lifespan=lifespan)


def api(env: Env) -> web.Application:
    """POST /order?name=...: what the repair's `Shop` makes of it."""
    shop: Any = None

    async def order(request: web.Request) -> web.Response:
        try:
            return web.json_response(await shop.order(request.query.get("name", "")))
        except Exception as error:
            kind = type(error).__name__
            status = STATUSES.get(kind, 500)
            if status == 500:
                env.signals.log.error("order failed", error_type=kind, exc_info=error)
            return web.json_response({"error": f"{kind}: {error}"[:200]}, status=status)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal shop
        if "database" not in env.urls:
            raise RuntimeError("the simulated world has no database server; run this lab live (world='live')")
        shop = env.repair().Shop(env.urls["database"], env.urls["partner"])
        await shop.start()
        yield
        await shop.stop()

    return application(web.post("/order", order), lifespan=lifespan)


def partner(env: Env) -> web.Application:
    """GET /price?name=...: what the order costs, or a 503 with a long page. Each answer is a log "price": name, price.

    How many requests it has at once is the sample "http.server.active_requests"; one whose caller has left does not count.
    Settings: `partner_ms`, `partner_slow` (from, until), `partner_fails` (a share), `page_bytes`.
    """
    rng = Random(f"partner {env.seed}")
    page = "<p>We are sorry.</p>\n" * (env.settings["page_bytes"] // 21)
    slow_from, slow_until = env.settings["partner_slow"]
    here: list[web.Request] = []

    async def price(request: web.Request) -> web.Response:
        here.append(request)
        waiting = [one for one in here if one.transport is not None and not one.transport.is_closing()]
        env.signals.sample(names.ACTIVE_REQUESTS, len(waiting))
        try:
            if slow_from <= env.signals.now() < slow_until:
                await env.until(slow_until)
            await asyncio.sleep(env.settings["partner_ms"] / 1000)
        finally:
            here.remove(request)
        name = request.query.get("name", "")
        if rng.random() < env.settings["partner_fails"]:
            env.signals.log.info("price", name=name, price=None)
            return web.Response(status=503, text=page, content_type="text/html")
        now = rng.randrange(1_000, 1_000_000)
        env.signals.log.info("price", name=name, price=now)
        return web.json_response({"name": name, "price": now})

    return application(web.get("/price", price))
