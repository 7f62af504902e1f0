"""The services of the tiny labs. They run as live processes, under the name that their Service gives."""

from __future__ import annotations

import asyncio
import os
import sys
import tempfile
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit.service.env import Env


def plain(env: Env) -> web.Application:
    """GET / answers at once."""

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    return app


def fixed(env: Env) -> web.Application:
    """Calls the repair's `start(env)` and, at the end, its `stop()`, if it has them; GET / answers `answer(request)`."""
    fix: Any = env.repair()

    async def root(request: web.Request) -> web.Response:
        return web.Response(text=str(await fix.answer(request)))

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        if hasattr(fix, "start"):
            await fix.start(env)
        yield
        if hasattr(fix, "stop"):
            await fix.stop()

    app = web.Application()
    app.router.add_get("/", root)
    app.cleanup_ctx.append(lifespan)
    return app


def curious(env: Env) -> web.Application:
    """On each request: logs what it sees of its surroundings, prints, and calls the peer if it has one."""

    async def look(request: web.Request) -> web.Response:
        env.signals.log.info(
            "surroundings",
            cores=os.cpu_count(),
            threads=ThreadPoolExecutor()._max_workers,
            proxies=sorted(name for name in os.environ if name.lower().endswith("_proxy") and name != "no_proxy"),
            temp=tempfile.gettempdir(),
            has_fix=env.fix is not None,
            loaded_fix="fix" in sys.modules,
        )
        print("said on stdout")
        print("said on stderr", file=sys.stderr)
        if "peer" in env.urls:
            headers = {"X-Request-Id": request.headers["X-Request-Id"]}
            async with session.get(env.urls["peer"], headers=headers) as answer:
                return web.Response(text=await answer.text(), status=answer.status)
        return web.Response(text="hello")

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        session = aiohttp.ClientSession()
        yield
        await session.close()

    session: Any = None
    app = web.Application()
    app.router.add_get("/", look)
    app.cleanup_ctx.append(lifespan)
    return app


def early(env: Env) -> web.Application:
    """The one with a peer calls it as soon as anything answers there, before the run begins, and logs the answer later."""
    answers: list[int] = []

    async def knock() -> None:
        async with aiohttp.ClientSession() as session:
            while not answers:
                try:
                    async with session.get(env.urls["peer"]) as answer:
                        answers.append(answer.status)
                except aiohttp.ClientError:
                    await asyncio.sleep(0.02)  # nobody is there yet

    async def root(request: web.Request) -> web.Response:
        env.signals.log.info("early", answers=answers)
        return web.Response(text="ok")

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.ensure_future(knock()) if "peer" in env.urls else None
        yield
        if task:
            task.cancel()

    app = web.Application()
    app.router.add_get("/", root)
    app.cleanup_ctx.append(lifespan)
    return app
