"""The services of the tiny labs. They run inside simulated hosts, under the name that their Service gives."""

from __future__ import annotations

import asyncio
import concurrent.futures
import contextlib
import datetime
import gc
import json
import os
import random
import secrets
import socket
import threading
import time
import traceback
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit.service.env import Env
from labs.kit.service.work import cpu

BIG = b"z" * 5_000_000


def background(app: web.Application, work: Callable[[], Awaitable[None]]) -> web.Application:
    """Have the app run `work` beside its requests, once it has started."""

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        task = asyncio.ensure_future(work())
        yield
        task.cancel()

    app.cleanup_ctx.append(lifespan)
    return app


def plain(env: Env) -> web.Application:
    """GET / answers at once."""
    return plain_app()


def plain_app() -> web.Application:
    """GET / answers at once."""

    async def hello(request: web.Request) -> web.Response:
        return web.Response(text="hello")

    app = web.Application()
    app.router.add_get("/", hello)
    return app


def probing(env: Env) -> web.Application:
    """Runs the probe that the settings name, and says what came of it."""
    from tests.kit.simulated.probes import PROBES

    name = env.settings["probe"]

    async def work() -> None:
        await asyncio.sleep(1)  # until the peer listens
        begun = time.monotonic_ns()
        try:
            result = await PROBES[name].run(env)
            said = json.dumps({"ns": time.monotonic_ns() - begun, "result": result})
        except BaseException:
            env.signals.event("probe failed", name, traceback.format_exc()[-1900:])
            raise
        env.signals.event("probe", name, said)

    return background(plain_app(), work)


def mixed(env: Env) -> web.Application:
    """A bit of everything whose order or outcome could differ from run to run, on each request; it is all logged."""
    pool = concurrent.futures.ThreadPoolExecutor(3)
    processes = concurrent.futures.ProcessPoolExecutor(2)
    garbage: list[Any] = []
    freed = 0

    class Cycle:
        def __init__(self) -> None:
            self.me = self

        def __del__(self) -> None:
            nonlocal freed
            freed += 1

    async def waits(order: list[int], number: int) -> None:
        try:
            await asyncio.sleep(random.random())
        except asyncio.CancelledError:
            order.append(number)
            raise

    async def cancelled() -> list[int]:
        order: list[int] = []
        try:
            async with asyncio.TaskGroup() as group:
                for number in range(10):
                    group.create_task(waits(order, number))
                await asyncio.sleep(0.01)
                raise ValueError
        except* ValueError:
            pass
        return order

    async def number(value: int) -> int:
        await asyncio.sleep(random.choice((0, 0.001)))
        return value

    def in_thread(order: list[str], name: str) -> None:
        for _ in range(3):
            time.sleep(random.choice((0, 0.001, 0.002)))
            order.append(name)

    async def root(request: web.Request) -> web.Response:
        loop, order = asyncio.get_running_loop(), list[str]()
        garbage.append([Cycle() for _ in range(20)])
        del garbage[:-3]
        threads = [loop.run_in_executor(pool, in_thread, order, f"t{i}") for i in range(5)]
        async with session.get(env.urls["peer"] + "/?s=0.01") as response:
            await response.read()
        await asyncio.gather(*threads, loop.run_in_executor(processes, cpu, 0.002))
        done, _ = await asyncio.wait([asyncio.ensure_future(number(i)) for i in range(10)])
        env.signals.log.info(
            "mixed", order=order, cancelled=await cancelled(), done=[task.result() for task in done], freed=freed,
            words=list({f"word{i}" for i in range(10)}), random=random.random(), unseeded=random.Random().random(),
            secret=secrets.token_hex(4), uuid=str(uuid.uuid4()), one=str(uuid.uuid1()), thread=threading.get_ident(),
            process=os.getpid(), now=str(datetime.datetime.now()), path=os.environ, folder=os.getcwd(), count=gc.get_count(),
        )  # fmt: skip
        return web.Response(text="ok")

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        session = aiohttp.ClientSession()
        yield
        await session.close()

    session: Any = None
    app = web.Application()
    app.router.add_get("/", root)
    app.cleanup_ctx.append(lifespan)
    return app


def fixed(env: Env) -> web.Application:
    """Calls the repair's `start(env)` and `stop()`, if it has them, and answers GET / by its `answer(request)`."""
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


def peer(env: Env) -> web.Application:
    """What the probes call: slow, big, streamed and conversational answers."""

    async def slow(request: web.Request) -> web.Response:
        await asyncio.sleep(float(request.query.get("s", "0.1")))
        return web.Response(text="x")

    async def blocked(request: web.Request) -> web.Response:
        time.sleep(float(request.query["s"]))  # noqa: ASYNC251 - that it blocks this host is what is tested
        return web.Response(text="x")

    async def big(request: web.Request) -> web.Response:
        return web.Response(body=BIG[: int(request.query["n"])], headers={"X-Got": str(len(await request.read()))})

    async def drip(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        for _ in range(5):
            await response.write(b"a" * 10)
            await asyncio.sleep(0.1)
        return response

    async def converse(request: web.Request) -> web.WebSocketResponse:
        response = web.WebSocketResponse()
        await response.prepare(request)
        async for message in response:
            await response.send_str("echo " + message.data)
        return response

    async def peers(request: web.Request) -> web.Response:
        return web.Response(text=str(request.transport.get_extra_info("peername")[1]))  # type: ignore[union-attr]

    async def file(request: web.Request) -> web.FileResponse:
        return web.FileResponse(__file__)

    def take_two(tight: socket.socket) -> None:
        with contextlib.suppress(BlockingIOError):
            taken.extend(tight.accept() for _ in range(2))

    async def shout(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            writer.write(line.upper())
            await writer.drain()
        writer.close()

    async def answer_at_the_end(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok")
        writer.close()

    async def say_no_more(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write_eof()
        await reader.read()
        writer.close()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        servers = [
            await asyncio.start_server(talk, port=port)
            for port, talk in {7000: shout, 7002: answer_at_the_end, 7003: say_no_more}.items()
        ]
        tight = socket.create_server(("", 7001), backlog=2)  # and nobody takes calls before t = 2 s
        tight.setblocking(False)
        asyncio.get_running_loop().call_later(3, take_two, tight)
        yield
        for server in servers:
            server.close()

    taken: list[Any] = []
    app = web.Application(client_max_size=1 << 30)
    app.router.add_route("*", "/big", big)
    for path, handler in {
        "/": slow, "/blocked": blocked, "/drip": drip, "/socket": converse, "/port": peers, "/file": file,
    }.items():  # fmt: skip
        app.router.add_get(path, handler)
    app.cleanup_ctx.append(lifespan)
    return app
