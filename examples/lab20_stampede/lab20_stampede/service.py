"""The system around the repair: a shop that shows a price list, and the service that computes it.

    load -> shop -> pricing

The shop runs the repair's `PriceCache`. Pricing runs no repair: it computes one list at a time, `service_ms` each, also for
a caller who has given up.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, sampling, work

TIMEOUT = aiohttp.ClientTimeout(total=1.0)


def shop(env: Env) -> web.Application:
    """GET /prices: the price list from the cache."""
    cache: Any = None
    session: aiohttp.ClientSession

    async def fetch() -> dict[str, Any]:
        """The price list from pricing. Raises after a second without an answer."""
        async with session.get(env.urls["pricing"] + "/list", timeout=TIMEOUT) as response:
            response.raise_for_status()
            listed: dict[str, Any] = await response.json()
            return listed

    async def prices(request: web.Request) -> web.Response:
        try:
            return web.json_response(await cache.get())
        except Exception as error:
            expected = isinstance(error, aiohttp.ClientError | asyncio.TimeoutError)
            raised = None if expected else error  # an error in the repair: its line belongs in the log
            env.signals.log.error("no price list", error_type=type(error).__name__, exc_info=raised)
            return web.json_response({"error": str(error)}, status=503)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal cache, session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            cache = env.repair().PriceCache(fetch)
            yield

    return application(web.get("/prices", prices), lifespan=lifespan)


def pricing(env: Env) -> web.Application:
    """GET /list: compute the price list. One at a time."""
    counter = asyncio.Semaphore(1)
    pace = work.Pace(env.settings["service_ms"] / 1000)
    waiting = computed = 0

    async def listed(request: web.Request) -> web.Response:
        nonlocal waiting, computed
        waiting += 1
        try:
            async with counter:
                await pace.work()
        finally:
            waiting -= 1
        computed += 1
        return web.json_response({"version": computed})

    return application(
        web.get("/list", listed),
        background=[lambda: sampling.report(env.signals, names.QUEUE_DEPTH, lambda: waiting)],
    )
