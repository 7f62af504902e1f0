"""The system around the repair: a shop calls payments, payments calls the bank.

    load -> shop -> payments -> bank

The shop runs the repair's `PaymentsClient`, payments runs its `WorkQueue`. The bank runs no repair: it takes one charge
at a time, `service_ms` each, and its ledger is what counts.
"""

from __future__ import annotations

import asyncio
import sys
from collections import Counter
from collections.abc import AsyncIterator, Callable, Mapping
from types import FrameType
from typing import Any
from zlib import crc32

import aiohttp
from aiohttp import web

from labs.kit import Env, admin, application, names, of_repair, sampling, work
from labs.lab06_retries.scenarios import DROPPED

RETAKE_S = 0.1  # a queue that raises is asked again after this long
PROFILE_EVERY_S = 1.0
Answer = tuple[int, dict[str, Any]]


def shop(env: Env) -> web.Application:
    """POST /orders: charge the customer, then confirm the order.

    Settings: `clients`, how many shop instances (each with a client and connections of its own) stand behind this
    address; an order always goes to the same one.
    """
    clients: list[Any] = []
    under_way = sampling.UnderWay(env.signals)
    attempts: Counter[str] = Counter()

    async def attempt_begins(session: Any, context: Any, params: Any) -> None:
        attempts[call_site()] += 1

    def new_session() -> aiohttp.ClientSession:
        tracing = aiohttp.TraceConfig()
        tracing.on_request_start.append(attempt_begins)
        return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), trace_configs=[tracing])

    async def report_attempts() -> None:
        while True:
            await asyncio.sleep(PROFILE_EVERY_S)
            if attempts:
                env.signals.log.info("attempts by line", **attempts)
                attempts.clear()

    async def order(request: web.Request) -> web.Response:
        body = await request.json()
        client = clients[crc32(body["id"].encode()) % len(clients)]
        with under_way:
            try:
                receipt = await client.charge(body)
            except Exception as error:
                expected = isinstance(error, getattr(env.repair(), "PaymentFailed", ()))
                raised = None if expected else error  # a slip in the repair: its line belongs in the log
                kind = type(error).__name__
                env.signals.log.error("order failed", request_id=body["id"], error_type=kind, exc_info=raised)
                return web.json_response({"error": str(error)}, status=504)
        return web.json_response({"order": body["id"], "receipt": receipt})

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        url = env.urls["payments"] + "/charge"
        sessions = [new_session() for _ in range(env.settings["clients"])]
        clients.extend(env.repair().PaymentsClient(session, url) for session in sessions)
        yield
        for session in sessions:
            await session.close()

    orders = (web.post("/orders", order), admin({"ATTEMPTS": of_repair(env.repair(), "ATTEMPTS")}))
    return application(*orders, lifespan=lifespan, background=[under_way.report, report_attempts])


class Job:
    """One charge that waits at the payments service. A queue may keep it, hand it out, or refuse it.

    `on_drop` is called where nobody has it any more and its caller still waits: with the order's name.
    """

    def __init__(
        self, order: dict[str, Any], headers: Mapping[str, str], arrived: float, on_drop: Callable[[str], None]
    ) -> None:
        self._on_drop, self._name = on_drop, str(order["id"])
        self.order = order
        self.headers = headers
        self.arrived = arrived
        self.answer: asyncio.Future[Answer] = asyncio.get_running_loop().create_future()

    def __del__(self) -> None:
        if not self.answer.done():
            self._on_drop(self._name)

    def refuse(self, reason: str = "refused", status: int = 503) -> None:
        """Answer the caller without doing the work."""
        self.finish(status, {"error": reason})

    def finish(self, status: int, body: dict[str, Any]) -> None:
        """Answer the caller."""
        if not self.answer.done():
            self.answer.set_result((status, body))


def payments(env: Env) -> web.Application:
    """POST /charge: queue the charge, take it to the bank when its turn comes. One worker."""
    queue: Any = None
    session: aiohttp.ClientSession
    arrival = asyncio.Event()
    waiting = sampling.UnderWay(env.signals, names.QUEUE_DEPTH)
    told_of_none = False
    asked: set[str] = set()
    garbled = 0
    ended = False

    async def charge(request: web.Request) -> web.Response:
        nonlocal garbled
        order = await request.json()
        again = order["id"] in asked
        asked.add(order["id"])
        answer = offered(order, request.headers)
        if answer is None:
            return web.json_response({"error": "queue full"}, status=503)
        with waiting:
            arrival.set()
            status, body = await answer
        if again and status == 200 and garbled < env.settings["garbled"]:
            garbled += 1
            return web.Response(text='{"order": ', content_type="application/json")
        return web.json_response(body, status=status)

    def offered(order: dict[str, Any], headers: Mapping[str, str]) -> asyncio.Future[Answer] | None:
        """What the caller waits for, None if the queue refused the charge. From here on the queue alone has the job."""
        nonlocal told_of_none
        job = Job(order, headers, asyncio.get_running_loop().time(), dropped)
        try:
            taken = queue.offer(job)
        except Exception as error:
            slip("offer", error)
            job.refuse()
            raise
        if taken is None and not told_of_none:
            # The likeliest slip, a forgotten `return True`: without this line all orders fail, and nothing says why.
            env.signals.log.error("WorkQueue.offer returned None; return True or False")
            told_of_none = True
        if not taken:
            job.refuse()
        return job.answer if taken else None

    def dropped(order: str) -> None:
        if not ended:
            env.signals.log.error(DROPPED, request_id=order)

    def slip(method: str, error: Exception) -> None:
        env.signals.log.error(f"WorkQueue.{method} failed", error_type=type(error).__name__, exc_info=error)

    async def worker() -> None:
        while True:
            try:
                job = queue.take()
            except Exception as error:  # noqa: BLE001 - whatever the repair raises, the worker goes on
                slip("take", error)
                await asyncio.sleep(RETAKE_S)
                continue
            if job is None:
                arrival.clear()
                await arrival.wait()
                continue
            await to_the_bank(job)

    async def to_the_bank(job: Job) -> None:
        passed_on = ("X-Request-Id", "Idempotency-Key")
        headers = {name: job.headers[name] for name in passed_on if name in job.headers}
        try:
            async with session.post(env.urls["bank"] + "/debit", json=job.order, headers=headers) as response:
                if response.status == 200:
                    job.finish(200, await response.json())
                else:
                    job.finish(response.status, {"error": await response.text()})
        except aiohttp.ClientError as error:
            job.finish(502, {"error": str(error)})

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal queue, session, ended
        queue = env.repair().WorkQueue()
        async with aiohttp.ClientSession() as session:
            yield
        ended = True

    async def end(app: web.Application) -> None:
        nonlocal ended
        ended = True  # what the queue has now, it has not dropped

    app = application(web.post("/charge", charge), lifespan=lifespan, background=[worker, waiting.report])
    app.on_shutdown.append(end)
    return app


def bank(env: Env) -> web.Application:
    """POST /debit: move the money. One charge at a time, `service_ms` each.

    A charge that carries an Idempotency-Key seen before is answered with the first receipt and moves nothing, but takes
    its time like any other. Every movement of money is an event of the record: "debit", order, idempotency key.
    """
    counter = asyncio.Semaphore(1)
    receipts: dict[str, dict[str, Any]] = {}
    pace = work.Pace(env.settings["service_ms"] / 1000)

    async def debit(request: web.Request) -> web.Response:
        order = await request.json()
        key = request.headers.get("Idempotency-Key", "")
        async with counter:
            await pace.work()
        if key and key in receipts:
            return web.json_response(receipts[key])
        receipt = {"order": order["id"], "number": len(receipts) + 1}
        receipts[key or f"unkeyed {len(receipts)}"] = receipt
        env.signals.event("debit", order["id"], key)
        return web.json_response(receipt)

    return application(web.post("/debit", debit))


def call_site() -> str:
    """The lines of the repair that led to this attempt, outermost first: "fix.py:24 > fix.py:33"."""
    lines = []
    frame: FrameType | None = sys._getframe()
    while frame is not None:
        if frame.f_code.co_filename == "fix.py":
            lines.append(f"fix.py:{frame.f_lineno}")
        frame = frame.f_back
    return " > ".join(reversed(lines)) or "elsewhere"
