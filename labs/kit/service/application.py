"""A service as one call: its routes, what lives as long as it does, and what it does in the background."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from aiohttp import web
from aiohttp.web_routedef import AbstractRouteDef

Background = Callable[[], Coroutine[Any, Any, None]]
"""Makes the coroutine of a task."""


def application(
    *routes: AbstractRouteDef,
    lifespan: Callable[[web.Application], AsyncIterator[None]] | None = None,
    background: Sequence[Background] = (),
) -> web.Application:
    """An aiohttp application.

    Args:
        routes: as `aiohttp.web.post("/orders", handler)` makes them.
        lifespan: an asynchronous generator that opens what the handlers need, yields once, and closes it.
        background: tasks that run from then on, in this order; they are cancelled, and have ended, before `lifespan` closes
            anything. One that raises is not heard of until it is looked for, as with any task of asyncio.
    """

    async def tasks(app: web.Application) -> AsyncIterator[None]:
        running = [asyncio.create_task(begin()) for begin in background]
        yield
        for task in running:
            task.cancel()
        await asyncio.wait(running)

    app = web.Application()
    app.add_routes(routes)
    if lifespan is not None:
        app.cleanup_ctx.append(lifespan)
    if background:
        app.cleanup_ctx.append(tasks)
    return app
