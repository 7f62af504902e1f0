"""The service for measuring the speed of the simulated world: it calls another service and passes the answer on."""

from __future__ import annotations

from collections.abc import AsyncIterator

import aiohttp
from aiohttp import web

from labs.kit.service.env import Env


def relay(env: Env) -> web.Application:
    """POST /relay: call `dep`, and pass its answer on."""
    return relay_to(env.urls["dep"])


def relay_to(url: str) -> web.Application:
    """The same service for a given address of `dep`."""
    session: aiohttp.ClientSession

    async def pass_on(request: web.Request) -> web.Response:
        async with session.post(url + "/work", json=await request.json()) as response:
            return web.json_response(await response.json())

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield

    app = web.Application()
    app.router.add_post("/relay", pass_on)
    app.cleanup_ctx.append(lifespan)
    return app


def dep() -> web.Application:
    """POST /work: answers at once."""

    async def work(request: web.Request) -> web.Response:
        await request.read()
        return web.json_response({"ok": True})

    app = web.Application()
    app.router.add_post("/work", work)
    return app
