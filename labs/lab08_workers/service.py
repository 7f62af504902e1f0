"""The system around the repair: a shop that makes invoices, and the partner who takes them.

    load    -> shop -> partner
    auditor -> shop

The shop runs the repair. Partner and auditor run none, so what they log can be believed.
"""

from __future__ import annotations

import asyncio
import os
import sqlite3
import threading
import time
from collections.abc import AsyncIterator
from contextlib import closing, suppress
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, profiling, sampling, send_sigterm, work
from labs.lab08_workers.rendering import CORES_AT, invoice
from labs.lab08_workers.scenarios import BACKUP_S, MACHINE_CORES, NO_ORDER, lines_of

DATABASE = "jobs.sqlite"
"""In the shop's working directory, which outlives its process."""
STATES = {"delivered": 200, "accepted": 202, "unknown": 404}


def shop(env: Env) -> web.Application:
    """GET /health; POST /invoices/ORDER: 202 once the repair has taken it in; GET /status/ORDER: 200, 202 or 404.

    Settings: `stop_at_s`, the second at which it is told to stop, 0 for never; `backups_s`, when a backup begins to copy the
    database; `profile` = "pyinstrument" (live only).
    """
    invoices: Any = None
    stopping = False
    in_flight = 0
    # A container's quota is not the machine's number of cores, and Python up to 3.12 at least tells the machine's.
    os.cpu_count = lambda: MACHINE_CORES
    if not work.simulated():
        os.environ[CORES_AT] = os.getcwd()

    async def health(request: web.Request) -> web.Response:
        return web.Response(text="ok")

    async def take_in(request: web.Request) -> web.Response:
        nonlocal in_flight
        if stopping:
            return web.json_response({"error": "stopping"}, status=503)
        in_flight += 1
        try:
            await invoices.order(request.match_info["order"], (await request.json())["lines"])
            return web.json_response({"order": request.match_info["order"]}, status=202)
        except Exception as error:
            env.signals.log.error("order failed", error_type=type(error).__name__, exc_info=error)
            return web.json_response({"error": str(error)}, status=500)
        finally:
            in_flight -= 1

    async def status(request: web.Request) -> web.Response:
        try:
            state = await invoices.state(request.match_info["order"])
            return web.json_response({"state": state}, status=STATES[state])
        except Exception as error:
            env.signals.log.error("status failed", error_type=type(error).__name__, exc_info=error)
            return web.json_response({"error": str(error)}, status=500)

    async def stop() -> None:
        nonlocal stopping
        stopping = True
        try:
            await send_sigterm()
            await invoices.stop()
        except Exception as error:
            env.signals.log.error("stop failed", error_type=type(error).__name__, exc_info=error)
        env.signals.event("stopped", "shop")

    async def stop_in_time() -> None:
        stop_at_s = env.settings["stop_at_s"]
        if stop_at_s and env.signals.now() < stop_at_s:  # not in its second life
            await env.until(stop_at_s)
            await stop()

    async def back_up() -> None:
        for at_s in env.settings["backups_s"]:
            if env.signals.now() < at_s:  # not what came before this life
                await env.until(at_s)
                threading.Thread(target=hold_the_lock, daemon=True).start()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal invoices
        invoices = env.repair().Invoices(env.urls["partner"], DATABASE)
        await invoices.start()
        yield
        if not stopping:
            await stop()

    background = [
        stop_in_time,
        back_up,
        lambda: sampling.report_loop_lag(env.signals),
        lambda: sampling.report(env.signals, names.ACTIVE_REQUESTS, lambda: in_flight),
    ]
    if env.settings.get("profile") == "pyinstrument":
        background.append(lambda: profiling.report_profile(env.signals))
    return application(
        web.get("/health", health), web.post("/invoices/{order}", take_in), web.get("/status/{order}", status),
        lifespan=lifespan, background=background,
    )  # fmt: skip


def hold_the_lock() -> None:
    """What a backup does to everybody else: for BACKUP_S and a little more nobody can write to the database.

    If somebody else holds it for as long, there is no backup this time; that is no error of the repair.
    """
    with (
        closing(sqlite3.connect(DATABASE, timeout=BACKUP_S, isolation_level=None)) as db,
        suppress(sqlite3.OperationalError),
    ):
        db.execute("begin immediate")
        time.sleep(1.5 * BACKUP_S)


def partner(env: Env) -> web.Application:
    """POST /invoices/ORDER with the text of the invoice: 201 once it is delivered, 200 if its Idempotency-Key came before.

    An invoice is delivered when it arrives; the answer comes `partner_s` later. The log has a row "delivered" for each, and
    "again" for a key that was known, with the order as request id; right=False if the text is not what it should be.
    """
    known: set[str] = set()

    async def deliver(request: web.Request) -> web.Response:
        order, key = request.match_info["order"], request.headers.get("Idempotency-Key", "")
        text = await request.text()
        again = bool(key) and key in known
        known.add(key)
        right = text == invoice(order, lines_of(order))
        env.signals.log.info("again" if again else "delivered", request_id=order, right=right)
        await asyncio.sleep(env.settings["partner_s"])
        return web.Response(status=200 if again else 201)

    return application(web.post("/invoices/{order}", deliver))


def auditor(env: Env) -> web.Application:
    """At second `audit_at_s` asks the shop for the status of `audit_orders` orders; logs "audit" with the status of each.

    Last it asks for an order that nobody has ordered, and logs "never ordered".

    At each second of `ordered_at_s` it sends the orders of these numbers at once; logs "ordered" with the status of each, 0
    without an answer.
    """

    async def audit() -> None:
        if not env.settings["audit_orders"]:
            return
        await env.until(env.settings["audit_at_s"])
        async with aiohttp.ClientSession() as session:
            for number in range(env.settings["audit_orders"]):
                await ask(session, env.named("order", number), "audit")
            await ask(session, env.named("order", NO_ORDER), "never ordered")

    async def ask(session: aiohttp.ClientSession, order: str, log: str) -> None:
        status = 0
        with suppress(aiohttp.ClientError):
            async with session.get(f"{env.urls['shop']}/status/{order}") as answer:
                status = answer.status
        env.signals.log.info(log, request_id=order, status=status)

    async def order() -> None:
        for at_s, numbers in env.settings["ordered_at_s"]:
            await env.until(at_s)
            async with aiohttp.ClientSession() as session:
                await asyncio.gather(*(post(session, env.named("order", number)) for number in numbers))

    async def post(session: aiohttp.ClientSession, order: str) -> None:
        status, url = 0, f"{env.urls['shop']}/invoices/{order}"
        with suppress(aiohttp.ClientError):
            async with session.post(url, json={"lines": lines_of(order)}) as answer:
                status = answer.status
        env.signals.log.info("ordered", request_id=order, status=status)

    return application(background=[audit, order])
