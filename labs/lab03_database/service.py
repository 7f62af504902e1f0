"""The shop around the repair: an API over a database, and a partner that reads, writes and checks what it is told.

    load    -> orders -> db
    partner -> orders
    partner -> db         (the warehouse: it changes the status of an order behind the API's back)

`orders` runs the repair. The database (`database`) and the partner (`partner`) run none.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, admin, application, sampling
from labs.lab03_database import client

ATTEMPT_EVERY_S = 0.05
OF_PARTNER = ("/archive", "/import")


def orders(env: Env) -> web.Application:
    """GET /orders?customer=ID, GET /archive?page=N&after=ID, POST /import: what the repair's `Orders` answers, as JSON.

    504 if the database did not answer in time, 500 if the repair or its SQL raises. An operator can switch the partner's two
    routes off: they answer 503.
    """
    repaired: Any = None
    session: aiohttp.ClientSession
    under_way = sampling.UnderWay(env.signals)
    migrated = asyncio.Event()
    switches = {"partner": 1.0}

    async def answer(request: web.Request, work: Awaitable[Any], name: str) -> web.Response:
        with under_way:
            try:
                return web.json_response({name: await work})
            except client.DatabaseTimeout as error:
                return web.json_response({"error": str(error)}, status=504)
            except Exception as error:
                env.signals.log.error("request failed", error_type=type(error).__name__, exc_info=error)
                return web.json_response({"error": str(error)}, status=500)

    async def of_customer(request: web.Request) -> web.Response:
        return await answer(request, repaired.of_customer(int(request.query["customer"])), "orders")

    async def archive(request: web.Request) -> web.Response:
        page, after = int(request.query["page"]), int(request.query["after"])
        return await answer(request, repaired.archive(page, after), "orders")

    async def take_in(request: web.Request) -> web.Response:
        body = await request.json()
        return await answer(request, repaired.take_in(body["orders"]), "imported")

    @web.middleware
    async def name_request(request: web.Request, handler: Any) -> web.StreamResponse:
        await migrated.wait()
        if request.path in OF_PARTNER and not switches["partner"]:
            return web.json_response({"error": "switched off"}, status=503)
        client.request_id.set(request.headers.get("X-Request-Id", ""))
        response: web.StreamResponse = await handler(request)
        return response

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal repaired, session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            repaired = env.repair().Orders(client.Database(session, env.urls["db"]))
            yield

    def switch(value: float) -> None:
        switches["partner"] = value

    return application(
        web.get("/orders", of_customer), web.get("/archive", archive), web.post("/import", take_in),
        admin({"partner": switch}), lifespan=lifespan,
        background=[lambda: migrate(session, env.urls["db"], list(env.repair().MIGRATION), migrated), under_way.report],
        client_max_size=8 << 20, middlewares=[name_request],
    )  # fmt: skip


class MigrationFailed(SystemExit):
    """The database refused the migration: a shop with half a schema must not open, so the whole service ends."""


async def migrate(session: aiohttp.ClientSession, url: str, statements: list[str], migrated: asyncio.Event) -> None:
    """Have the database change its schema, and say when it has. It may not be there yet: live, services start side by side.

    Raises MigrationFailed with what the database says.
    """
    while True:
        try:
            async with session.post(f"{url}/migrate", json={"statements": statements}) as response:
                answer = await response.json()
            break
        except aiohttp.ClientError:
            await asyncio.sleep(ATTEMPT_EVERY_S)
    if response.status != 200:
        raise MigrationFailed(f"the migration failed: {answer['error']}")
    migrated.set()
