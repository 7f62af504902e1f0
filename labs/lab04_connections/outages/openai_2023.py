"""OpenAI, 20 March 2023: a cancelled call leaves its answer in a pooled connection, and the next user reads it.

The web server has four connections to a cache and writes a question, then reads an answer, on whichever is free. Users ask
for a text, a number or a list. From request 200 on, one in fifty leaves while the cache works: the
handler is cancelled between question and answer, and the connection goes back into the pool with an answer in it. From then
on each reader gets the answer to the question before his. One of the wrong type is an error, which closes the connection.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from itertools import pairwise
from typing import Any
from urllib.parse import urlsplit

from aiohttp import web

from labs.kit import Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, stats

POOL, CACHE_S, RATE, LOAD_S, SPIKE_AT, LEAVES = 4, 0.02, 30.0, 40.0, 200, 0.02
KINDS: dict[str, type] = {"name": str, "count": int, "titles": list}
ORIGINAL = "https://openai.com/index/march-20-chatgpt-outage/"
ISSUE, PULL = "https://github.com/redis/redis-py/issues/2624", "https://github.com/redis/redis-py/pull/2607"

PUBLIC = (
    Fact("active", "some saw data of another user who was active at that time", "another active user", ORIGINAL),
    Fact("few", "share of the active subscribers whose data may have been visible to others", "1.2 %", ORIGINAL),
    Fact("off_by_one", "after a cancelled command each reader gets the answer to the command before", "off by 1", ISSUE),
    Fact("types", "an answer that cannot be cast to the expected type is an error", "an error", PULL),
)


def ask(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: a user of his own, who asks for one kind of value; after the change some users leave early."""
    leaves = index >= SPIKE_AT and rng.random() < LEAVES
    stays_s = CACHE_S / 2 if leaves else 30.0
    return HttpRequest("GET", f"/{rng.choice(list(KINDS))}", rng.named("user", index), patience_s=stays_s)


def not_his(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """Whose answer a user got, if it is not his own."""
    owner = str(json.loads(body)["of"])
    return "" if owner == request.request_id else f"the answer of {owner}"


def cache(env: Env) -> web.Application:
    """GET /KIND: the value of this kind that is kept for this user, after CACHE_S."""

    async def value(request: web.Request) -> web.Response:
        user = request.headers["X-Request-Id"]
        await asyncio.sleep(CACHE_S)
        return web.json_response({"of": user, "value": KINDS[request.match_info["kind"]]()})

    return application(web.get("/{kind}", value))


class Connection:
    """One connection to the cache: write a question, read an answer."""

    def __init__(self, number: int, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.number, self.reader, self.writer = number, reader, writer

    async def ask(self, path: str, user: str) -> dict[str, Any]:
        """The next answer that comes on this connection."""
        self.writer.write(f"GET {path} HTTP/1.1\r\nHost: cache\r\nX-Request-Id: {user}\r\n\r\n".encode())
        head = (await self.reader.readuntil(b"\r\n\r\n")).decode().lower()
        length = int(head.split("content-length: ")[1].split("\r\n")[0])
        found: dict[str, Any] = json.loads(await self.reader.readexactly(length))
        return found


def server(env: Env) -> web.Application:
    """GET /KIND: asks the cache. Settings: `closes`, a connection whose call was cancelled is not used again."""
    free, made = asyncio.Queue[Connection | None](), 0

    async def connection() -> Connection:
        nonlocal made
        if kept := await free.get():
            return kept
        at = urlsplit(env.urls["cache"])
        reader, writer = await asyncio.open_connection(at.hostname, at.port)
        made += 1
        return Connection(made, reader, writer)

    async def answer(request: web.Request) -> web.Response:
        user, mine = request.headers["X-Request-Id"], await connection()
        env.signals.log.info("asks", request_id=user, connection=mine.number)
        broken = True
        try:
            found = await mine.ask(request.path, user)
            if type(found["value"]) is not KINDS[request.match_info["kind"]]:
                return web.Response(status=500, text="an answer of another type")
            broken = False
        except asyncio.CancelledError:
            broken = env.settings["closes"]
            raise
        finally:
            if broken:
                mine.writer.close()
            free.put_nowait(None if broken else mine)
        return web.json_response(found)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        for _ in range(POOL):
            free.put_nowait(None)
        yield
        while not free.empty():
            if kept := free.get_nowait():
                kept.writer.close()

    return application(web.get("/{kind}", answer), lifespan=lifespan)


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """Who got whose answer, on which connection, and how long after its owner had asked."""
    run = runs[0]
    on: dict[int, list[str]] = {}  # who asked on each connection, in this order
    for log, fields in stats.logged(run, "server", "asks"):
        on.setdefault(fields["connection"], []).append(log.request_id)
    previous = {user: owner for row in on.values() for owner, user in pairwise(row)}
    users = {r.request_id: r for r in run.requests()}
    wrong = {r.request_id: r.wrong.removeprefix("the answer of ") for r in users.values() if r.wrong}
    gap = max((users[user].intended - users[owner].intended for user, owner in wrong.items()), default=0.0)
    before = sum(previous.get(user) == owner for user, owner in wrong.items())
    share, errors = len(wrong) / len(list(users)[SPIKE_AT:]), sum(r.status == 500 for r in users.values())
    return {
        "active": Found(f"{len(wrong)} got another's, who had asked at most {gap:.1f} s before", 0 < gap < 2),
        "few": Found(f"{share:.1%} of the requests after the change", alike(share, 0.012, 5)),
        "off_by_one": Found(f"{before} of {len(wrong)} answer the question before", 0 < before == len(wrong)),
        "types": Found(f"{errors} errors", errors > 0),
    }


OUTAGE = Outage(
    title="OpenAI, 20 March 2023: another user's answer in a pooled connection",
    services=(
        Service("server", f"{__name__}:server", calls=("cache",), handler_cancellation=True),
        Service("cache", f"{__name__}:cache"),
    ),
    entry="server", request=ask, wrong=not_his, load=((RATE, LOAD_S),), settings={"closes": False}, mended={"closes": True},
    mending="a connection whose call was cancelled is closed, and not given to the next",
    public=PUBLIC, shape=shape,
    left_out=(
        "Redis, its cluster and its protocol: the stream here carries HTTP, by hand, one question after the other",
        "why cancellations rose, and the nine hours: here one user in fifty leaves early, a number that we chose",
    ),
    chart={"noun": "request", "wrong": "answers of another user"},
)  # fmt: skip
