"""A service from one call: its routes, its resources, and its background tasks."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from typing import Any

from aiohttp import web
from aiohttp.web_routedef import AbstractRouteDef

Background = Callable[[], Coroutine[Any, Any, None]]
"""A function that returns the coroutine of a task."""


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
        background: tasks that then start, in this order. They are cancelled, and have ended, before `lifespan` closes
            anything. The exception of a task is not reported until the task is awaited, as always in asyncio.
        options: further arguments of `aiohttp.web.Application`, such as `client_max_size`.
    """

    async def tasks(app: web.Application) -> AsyncIterator[None]:
        running = [asyncio.create_task(begin()) for begin in background]
        yield
        for task in running:
            task.cancel()
        await asyncio.wait(running)  # so that their last output, such as a profiler's last report, still arrives

    app = web.Application(**options)
    app.add_routes(routes)
    if lifespan is not None:
        app.cleanup_ctx.append(lifespan)
    if background:
        app.cleanup_ctx.append(tasks)
    return app
