"""The services of the town, each a function from `Env` to an application.

Every service answers with JSON, passes X-Request-Id and the trace on, writes a span for each request and a log line for
each failure. As aiohttp does by default, a handler goes on when its caller has left.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from aiohttp import web

from labs.kit import Env, names, work
from labs.town import policies
from labs.town.node import CANNOT, Node, Places, Refused, caller

SLOW_QUERY_S = 0.05


def gateway(env: Env) -> web.Application:
    """The entry: GET /pages/N from the catalog, POST /orders to orders."""
    node = Node(env)

    async def page(request: web.Request) -> Mapping[str, Any]:
        found: Mapping[str, Any] = await node.call("catalog", "/pages/" + request.match_info["n"], node["TIMEOUT_S"])
        return found

    async def order(request: web.Request) -> Mapping[str, Any]:
        done: Mapping[str, Any] = await node.call("orders", "/orders", node["TIMEOUT_S"], await request.json())
        return done

    return node.application(("GET", "/pages/{n}", page), ("POST", "/orders", order))


def catalog(env: Env) -> web.Application:
    """GET /pages/N: the item from the store, kept for a while, and recommendations for two items in three."""
    node = Node(env)
    kept: dict[str, tuple[float, Any]] = {}
    places = Places(lambda: node["RECS_PLACES"])

    async def item(n: str) -> Any:
        now = env.signals.now()
        if n in kept and now - kept[n][0] < node["CACHE_S"]:
            found = kept[n][1]
        else:
            found = await node.call("store", "/items/" + n, node["STORE_TIMEOUT_S"])
            kept[n] = (now, found)
        for more in range(1, int(node["READS"])):
            await node.call("store", f"/items/{int(n) + more}", node["STORE_TIMEOUT_S"])
        return found

    async def recommended(n: str) -> Any:
        async with places:
            try:
                return (await node.call("recs", "/recs/" + n, node["RECS_TIMEOUT_S"]))["items"]
            except CANNOT:
                places.lost += bool(node["LEAK"])
                raise

    async def page(request: web.Request) -> Mapping[str, Any]:
        n = request.match_info["n"]
        found, recs = await item(n), []
        if node["RECS"] and int(n) % 3:
            try:
                recs = await recommended(n)
            except CANNOT as error:
                kind, rid = type(error).__name__, request.headers.get("X-Request-Id", "")
                node.log.warning("page without recommendations", request_id=rid, error_type=kind)
        return {"item": found["item"], "cents": found["cents"], "recs": recs}

    return node.application(("GET", "/pages/{n}", page), queues={names.QUEUE_DEPTH: lambda: places.waiting})


def orders(env: Env) -> web.Application:
    """POST /orders: write the order into the store, have it charged, and confirm it."""
    node = Node(env)
    budget = policies.Budget()
    connections = Places(lambda: node["CONNECTIONS"])

    async def connected(service: str, path: str, timeout_s: float, body: Any) -> Any:
        async with connections:
            return await node.call(service, path, timeout_s, body)

    async def charge(body: Any) -> Any:
        budget.earn(node["BUDGET"])
        attempt = 1
        while True:
            try:
                return await connected("payments", "/charges", node["TIMEOUT_S"], body)
            except CANNOT:
                attempt += 1
                if attempt > node["ATTEMPTS"] or not budget.spend():
                    raise
            if node["PAUSE_S"]:
                await asyncio.sleep(policies.pause_s(attempt, node["PAUSE_S"]))

    async def order(request: web.Request) -> Mapping[str, Any]:
        body = await request.json()
        await connected("store", "/orders", node["STORE_TIMEOUT_S"], body)
        return {"order": body["id"], "receipt": await charge(body)}

    return node.application(("POST", "/orders", order), queues={names.QUEUE_DEPTH: lambda: connections.waiting})


def payments(env: Env) -> web.Application:
    """POST /charges: a charge waits for its turn at the bank, which takes one at a time. One worker."""
    node = Node(env)
    jobs: deque[tuple[Any, dict[str, str], asyncio.Future[Any]]] = deque()
    came = asyncio.Event()

    async def charge(request: web.Request) -> Mapping[str, Any]:
        if not policies.takes_in(len(jobs), node["BOUND"]):
            raise Refused("queue full", 503)
        answer: asyncio.Future[Any] = asyncio.get_running_loop().create_future()
        jobs.append((await request.json(), caller.get(), answer))
        came.set()
        receipt: Mapping[str, Any] = await answer
        return receipt

    async def worker() -> None:
        while True:
            if not jobs:
                came.clear()
                await came.wait()
            body, headers, answer = jobs.popleft()
            caller.set(headers)
            try:
                if node["CHECK"]:
                    await node.call("store", f"/items/{body['cents']}")
                answer.set_result(await node.call("bank", "/debits", None, body))
            except CANNOT as error:
                answer.set_exception(error)

    app = node.application(("POST", "/charges", charge), queues={names.QUEUE_DEPTH: lambda: len(jobs)})
    running: list[asyncio.Task[None]] = []

    async def begin(app: web.Application) -> None:
        running.append(asyncio.create_task(worker()))

    async def end(app: web.Application) -> None:
        running[0].cancel()
        with suppress(asyncio.CancelledError):
            await running[0]

    app.on_startup.append(begin)
    app.on_shutdown.append(end)
    return app


def store(env: Env) -> web.Application:
    """GET /items/N, POST /orders: a database with a few places, for statements that take their time."""
    node = Node(env)
    places = Places(lambda: node["PLACES"])

    async def statement(text: str, ms: float, rid: str) -> None:
        begun = env.signals.now()
        async with places:
            await asyncio.sleep(ms / 1000)
        took = env.signals.now() - begun
        if took > SLOW_QUERY_S:
            node.log.warning("slow statement", request_id=rid, statement=text, seconds=round(took, 3))

    async def item(request: web.Request) -> Mapping[str, Any]:
        n, ms = request.match_info["n"], node["READ_MS"] if node["INDEX"] else node["SCAN_MS"]
        await statement("select cents from items where n = ?", ms, request.headers.get("X-Request-Id", ""))
        return {"item": int(n), "cents": 100 + int(n) % 900}

    async def order(request: web.Request) -> Mapping[str, Any]:
        body, rid = await request.json(), request.headers.get("X-Request-Id", "")
        await statement("insert into orders values (?, ?)", node["WRITE_MS"], rid)
        if node["SYNC"]:
            await asyncio.sleep(node["SYNC_MS"] / 1000)
            node.log.info("commit acknowledged by the second replica", request_id=rid, seconds=node["SYNC_MS"] / 1000)
        return {"order": body["id"]}

    return node.application(
        ("GET", "/items/{n}", item), ("POST", "/orders", order), queues={names.DATABASE_QUEUE: lambda: places.waiting}
    )


def recs(env: Env) -> web.Application:
    """GET /recs/N: three items that go with one; now and then late, or not at all."""
    node = Node(env)

    async def recommended(request: web.Request) -> Mapping[str, Any]:
        n = int(request.match_info["n"])
        if node.rng.random() < node["ERRORS"]:
            raise Refused("no model loaded", 500)
        await asyncio.sleep((node["TAIL_MS"] if node.rng.random() < 0.02 else node["MS"]) / 1000)
        return {"items": [n + 1, n + 2, n + 3]}

    return node.application(("GET", "/recs/{n}", recommended))


def bank(env: Env) -> web.Application:
    """POST /debits: move the money, one charge at a time. An order that was charged before gets its first receipt again."""
    node = Node(env)
    counter = asyncio.Semaphore(1)
    receipts: dict[str, Mapping[str, Any]] = {}
    pace = work.Pace(node["MS"] / 1000)

    async def debit(request: web.Request) -> Mapping[str, Any]:
        body = await request.json()
        if node.rng.random() < node["ERRORS"]:
            raise Refused("declined", 500)
        async with counter:
            while node["STANDS"]:  # noqa: ASYNC110 - the policy changes without an event
                await asyncio.sleep(0.05)
            pace.seconds = node["MS"] / 1000
            await pace.work()
        if body["id"] not in receipts:
            receipts[body["id"]] = {"order": body["id"], "number": len(receipts) + 1}
            env.signals.event("debit", body["id"], "")
        return receipts[body["id"]]

    return node.application(("POST", "/debits", debit))
