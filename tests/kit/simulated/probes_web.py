"""Probes of HTTP clients and sockets. The peer is another host: each way takes 0.5 to 0.6 ms."""

from __future__ import annotations

import asyncio
import http.client
import select
import selectors
import socket
import time
import urllib.error
import urllib.request
from collections.abc import Awaitable, Callable
from typing import Any

import aiohttp

from labs.kit.service.env import Env
from tests.kit.simulated.apps import __file__ as apps_file
from tests.kit.simulated.probes import probe


async def read(session: aiohttp.ClientSession, url: str, **options: Any) -> bytes:
    """The body of an answer."""
    async with session.get(url, **options) as response:
        return await response.read()


async def ended(work: Awaitable[Any]) -> tuple[str, float]:
    """The name of what `work` raised, and how long that took."""
    begun = time.monotonic()
    try:
        await work
        name = "no error"
    except Exception as error:  # noqa: BLE001 - which one it is, is what is asked
        name = type(error).__name__
    return name, time.monotonic() - begun


async def within(work: Awaitable[Any], error: str, least: float, most: float) -> bool:
    """Did `work` raise this error in this time?"""
    name, took = await ended(work)
    return name == error and least <= took + 1e-9 and took <= most


@probe("aiohttp client: connection pool", 0.6, 0.62, returns=1)
async def _pool(env: Env) -> Any:
    url = env.urls["peer"]
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=2)) as session:
        await asyncio.gather(*(read(session, url + "/?s=0.1") for _ in range(6)))  # two at a time: 0.3 s
    async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit_per_host=1)) as session:
        await asyncio.gather(*(read(session, url + "/?s=0.1") for _ in range(3)))  # one at a time: 0.3 s
        ports = {await read(session, url + "/port") for _ in range(5)}
    return len(ports)


@probe("aiohttp client: timeouts", 4.5, 15.0, returns=[True] * 6)
async def _timeouts(env: Env) -> Any:
    url = env.urls["peer"]

    async def get(path: str, **timeout: float) -> bytes:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(**timeout)) as session:
            return await read(session, url + path)

    async def queue_for(connect: float) -> None:
        limited = aiohttp.TCPConnector(limit=1)
        async with aiohttp.ClientSession(connector=limited, timeout=aiohttp.ClientTimeout(connect=connect)) as session:
            await asyncio.gather(read(session, url + "/?s=1"), read(session, url + "/?s=1"))

    return [
        await within(get("/?s=1", total=0.3), "TimeoutError", 0.3, 0.301),
        await within(get("/drip", sock_read=0.05), "SocketTimeoutError", 0.05, 0.06),
        await within(get("/drip", sock_read=0.15), "no error", 0.5, 0.51),
        await within(queue_for(0.25), "ConnectionTimeoutError", 0.25, 0.251),
        await within(get("/?s=20", total=6.3), "TimeoutError", 6.3, 7.3),  # ends on a whole second
        await within(get("/?s=0.3", total=0.31), "no error", 0.3, 0.31),
    ]


@probe("aiohttp client: black hole", 0.7, 0.701, returns=[True, True])
async def _black_hole(env: Env) -> Any:
    async def get(**timeout: float) -> bytes:
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(**timeout)) as session:
            return await read(session, "http://192.0.2.1/")

    return [
        await within(get(sock_connect=0.2), "ConnectionTimeoutError", 0.2, 0.2005),
        await within(get(total=0.5), "TimeoutError", 0.5, 0.5005),
    ]


@probe("aiohttp client: connection refused", 0.001, 0.0013, returns=["ClientConnectorError", "ClientConnectorError"])
async def _refused(env: Env) -> Any:
    async with aiohttp.ClientSession() as session:
        return [(await ended(read(session, f"http://{host}:4444/")))[0] for host in ("peer", "localhost")]


@probe("aiohttp client: unknown name", 1.0, 1.003, returns=["ClientConnectorDNSError", True])
async def _unknown_name(env: Env) -> Any:
    loop = asyncio.get_running_loop()
    async with aiohttp.ClientSession() as session:
        error, took = await ended(read(session, "http://nowhere/"))
        busy = [loop.run_in_executor(None, time.sleep, 1) for _ in range(6)]  # all threads of the default pool
        await read(session, env.urls["peer"] + "/?s=0")
        await asyncio.gather(*busy)
    return [error, took < 0.001]


@probe("aiohttp client: reset", 0.002, 0.01, returns=["ClientOSError", "ServerDisconnectedError"])
async def _reset(env: Env) -> Any:
    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        if b"/read" in await reader.readline():
            await reader.read()
        writer.close()

    server = await asyncio.start_server(hang_up, "127.0.0.1", 7778)
    async with aiohttp.ClientSession() as session:
        unread = await ended(session.post("http://127.0.0.1:7778/", data=b"x" * 500_000))  # unread bytes: a reset
        at_end = (await ended(one_line(7778)))[0]
        await read(session, env.urls["peer"] + "/?s=0")
    server.close()
    return [unread[0], at_end]


async def one_line(port: int) -> None:
    """A request to a server that closes once it has read its first line, and nothing is left unread."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(b"GET\n")
    if not await reader.read():
        writer.close()
        raise aiohttp.ServerDisconnectedError


@probe("aiohttp: large bodies", 0.02, 0.06, returns=["3000000", 5_000_000])
async def _large(env: Env) -> Any:
    call = {"url": env.urls["peer"] + "/big?n=5000000", "data": b"q" * 3_000_000}
    async with aiohttp.ClientSession() as session, session.post(**call) as response:
        return [response.headers["X-Got"], len(await response.read())]


@probe("aiohttp: streamed answers", 0.5, 0.51, returns=[0.0, 0.1, 0.2, 0.3, 0.4])
async def _streamed(env: Env) -> Any:
    arrived = []
    async with aiohttp.ClientSession() as session, session.get(env.urls["peer"] + "/drip") as response:
        begun = time.monotonic()
        async for _ in response.content.iter_any():
            arrived.append(round(time.monotonic() - begun, 1))
    return arrived


@probe("aiohttp: websockets", 0.003, 0.01, returns=["echo one", "echo two"])
async def _websockets(env: Env) -> Any:
    async with aiohttp.ClientSession() as session, session.ws_connect(env.urls["peer"] + "/socket") as talk:
        await talk.send_str("one")
        await talk.send_str("two")
        return [(await talk.receive()).data, (await talk.receive()).data]


@probe("aiohttp: files", 0.002, 0.02, returns=True)
async def _files(env: Env) -> Any:
    async with aiohttp.ClientSession() as session:
        got = await read(session, env.urls["peer"] + "/file")
    with open(apps_file, "rb") as file:  # noqa: ASYNC230 - small
        return got == file.read()


async def in_thread(work: Callable[[], Any]) -> Any:
    """Run blocking code beside the loop."""
    return await asyncio.to_thread(work)


@probe("requests", 0.55, 0.58, returns=["x", "x", "x", "ReadTimeout", "ConnectionError"])
async def _requests(env: Env) -> Any:
    import requests

    url = env.urls["peer"]

    def work() -> list[str]:
        said = []
        with requests.Session() as session:
            said += [session.get(url + "/?s=0.1").text for _ in range(3)]
        for address in (url + "/?s=5", "http://peer:4444/"):
            try:
                requests.get(address, timeout=0.25)
            except requests.RequestException as error:
                said.append(type(error).__name__)
        return said

    return await in_thread(work)


@probe("urllib.request, http.client", 0.45, 0.47, returns=["x", "x", "timed out", "URLError"])
async def _urllib(env: Env) -> Any:
    url = env.urls["peer"]

    def work() -> list[str]:
        with urllib.request.urlopen(url + "/?s=0.1") as answer:
            said = [answer.read().decode()]
        connection = http.client.HTTPConnection("peer", 8080, timeout=0.25)
        connection.request("GET", "/?s=0.1")
        said.append(connection.getresponse().read().decode())
        connection.request("GET", "/?s=5")
        try:
            connection.getresponse()
        except TimeoutError as error:
            said.append(str(error))
        connection.close()
        try:
            urllib.request.urlopen("http://peer:4444/")
        except urllib.error.URLError as error:
            said.append(type(error).__name__)
        return said

    return await in_thread(work)


@probe("httpx", 0.4, 0.42, returns=["x", "x", "ReadTimeout", "ConnectError"])
async def _httpx(env: Env) -> Any:
    import httpx

    url = env.urls["peer"]
    async with httpx.AsyncClient() as client:
        said = [(await client.get(url + "/?s=0.1")).text]
        said.append(await in_thread(lambda: httpx.get(url + "/?s=0.1").text))
        for address in (url + "/?s=5", "http://peer:4444/"):
            try:
                await client.get(address, timeout=0.2)
            except httpx.HTTPError as error:
                said.append(type(error).__name__)
    return said


READY = ["in progress", "writable", "readable"]


@probe("socket", 0.6, 0.61, returns=["timed out", *READY, "HELLO\n", "end", "refused", [6, 6]])
async def _sockets(env: Env) -> Any:
    def work() -> list[Any]:
        said: list[Any] = []
        with socket.create_connection(("peer", 7000), timeout=0.2) as idle:
            try:
                idle.recv(10)
            except TimeoutError as error:
                said.append(str(error))
        client = socket.socket()
        client.setblocking(False)
        try:
            client.connect((socket.gethostbyname("peer"), 7000))
        except BlockingIOError:
            said.append("in progress")
        poll = select.poll()
        poll.register(client, select.POLLOUT)
        said += ["writable" for _ in poll.poll(500)]
        client.send(b"hello\n")
        with selectors.DefaultSelector() as selector:
            selector.register(client, selectors.EVENT_READ)
            said += ["readable" for _ in selector.select(0.5)]
        client.setblocking(True)
        said.append(client.makefile("rb").readline().decode())
        select.select([client], [], [], 0.4)
        client.shutdown(socket.SHUT_WR)
        said.append("end" if client.recv(10) == b"" else "bytes")
        client.close()
        said.append("refused" if socket.socket().connect_ex(("peer", 4444)) == 111 else "?")
        one, other = socket.socketpair()
        one.sendall(b"sixsix")
        said.append([len(other.recv(10, socket.MSG_PEEK)), len(other.recv(10))])
        return said

    return await in_thread(work)
