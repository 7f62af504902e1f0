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
    **options: Any,
) -> web.Application:
    """An aiohttp application.

    Args:
        routes: as `aiohttp.web.post("/orders", handler)` makes them.
        lifespan: an asynchronous generator that opens what the handlers need, yields once, and closes it.
        background: tasks that run from then on, in this order. Before `lifespan` closes anything they are cancelled, and
            have ended. One that raises is not heard of until it is looked for, as with any task of asyncio.
        options: what else `aiohttp.web.Application` takes, such as `client_max_size`.
    """

    async def tasks(app: web.Application) -> AsyncIterator[None]:
        running = [asyncio.create_task(begin()) for begin in background]
        yield
        for task in running:
            task.cancel()
        await asyncio.wait(running)  # what one says at its end, such as a profiler's last report, is still heard

    app = web.Application(**options)
    app.add_routes(routes)
    if lifespan is not None:
        app.cleanup_ctx.append(lifespan)
    if background:
        app.cleanup_ctx.append(tasks)
    return app
