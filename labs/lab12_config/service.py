"""The system around the repair: a shop that charges orders at a bank, and an operator who writes its configuration.

    load     -> shop -> bank
    operator -> shop

The shop runs the repair's `Shop`. Bank and operator run no repair: what they saw can be believed.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, sampling
from labs.lab12_config.agent import Agent
from labs.lab12_config.offered import text, values
from labs.lab12_config.scenarios import (
    BAN_S,
    DROPPED,
    FIRST,
    FIRST_DROPPED,
    FIRST_HELD,
    FIRST_REFUSED,
    HELD_S,
    PATH,
    PLAN,
    REFUSED_FILES,
)

AGAIN_S = 0.2
"""A repair whose start() raised is started again after this long, as a supervisor starts a process again."""
BEHIND, CALLS, OPEN = "config.behind", "bank.calls", "bank.connections"
"""Signals: the age in s of the oldest file written after the one in force; most calls at once since the last sample, and
connections that are open, both as the bank sees them."""
READS, FAILED = "reads of the file by line", "order failed"


def shop(env: Env) -> web.Application:
    """POST /orders: charge an order. POST /flags: who of some users has a feature. GET /status: what the repair says of
    itself. POST /agent: the operator's way to the file. GET /process: a number that each process draws for itself."""
    repaired: Any = None
    agent = Agent(PATH)
    under_way = sampling.UnderWay(env.signals)
    process = secrets.token_hex(8)
    reads: Counter[str] = Counter()

    def opened(event: str, args: tuple[Any, ...]) -> None:
        if event != "open" or not isinstance(args[0], str | os.PathLike):
            return
        path = os.fspath(args[0])
        if str(path).endswith(PATH) and (line := line_of_the_repair()):
            reads[line] += 1
        elif args[2] & os.O_TRUNC and line_of_the_repair():
            agent.emptied = str(path)

    async def order(request: web.Request) -> web.Response:
        body = await request.json()
        if repaired is None:
            return web.json_response({"error": "not started"}, status=503)
        with under_way:
            try:
                answer = await repaired.order(body)
                return web.json_response(answer)
            except Exception as error:
                raised = None if isinstance(error, aiohttp.ClientError | TimeoutError) else error
                kind = type(error).__name__
                env.signals.log.error(FAILED, request_id=body["id"], error_type=kind, exc_info=raised)
                return web.json_response({"error": f"{kind}: {error}"}, status=502)

    async def flags(request: web.Request) -> web.Response:
        body = await request.json()
        return answer_of(lambda: [bool(repaired.enabled(body["flag"], user)) for user in body["users"]], "enabled")

    async def status(request: web.Request) -> web.Response:
        return answer_of(lambda: dict(repaired.status()), "status")

    def answer_of(ask: Any, method: str) -> web.Response:
        if repaired is None:
            return web.json_response({"error": "not started"}, status=503)
        try:
            return web.json_response(ask())
        except Exception as error:
            env.signals.log.error(f"Shop.{method} failed", error_type=type(error).__name__, exc_info=error)
            return web.json_response({"error": str(error)}, status=500)

    async def put(request: web.Request) -> web.Response:
        body = await request.json()
        await agent.put(body["how"], body["data"].encode("latin-1"), body["torn_s"])
        return web.Response()

    async def who(request: web.Request) -> web.Response:
        return web.json_response({"process": process})

    async def begin() -> bool:
        nonlocal repaired
        made = env.repair().Shop(PATH, env.urls["bank"], env.signals.log)
        try:
            await made.start()
        except Exception as error:  # whatever the repair raises, the process is started again
            env.signals.log.error("Shop.start failed", error_type=type(error).__name__, exc_info=error)
            return False
        repaired = made
        return True

    async def keep_starting() -> None:
        while repaired is None:
            await asyncio.sleep(AGAIN_S)
            await begin()

    async def report_reads() -> None:
        while True:
            await asyncio.sleep(1.0)
            if reads:
                env.signals.log.info(READS, **reads)
                reads.clear()

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        agent.first(text(values(FIRST, flags={})))
        sys.addaudithook(opened)
        await begin()
        yield
        if repaired is not None:
            await repaired.stop()

    return application(
        web.post("/orders", order), web.post("/flags", flags), web.get("/status", status), web.post("/agent", put),
        web.get("/process", who), lifespan=lifespan, background=[keep_starting, under_way.report, report_reads],
    )  # fmt: skip


def line_of_the_repair() -> str:
    """The innermost line of the repair that led to here, "" if none did."""
    frame = sys._getframe(1)
    while frame is not None:
        if os.path.basename(frame.f_code.co_filename) == names.FIX_FILE:
            return f"{names.FIX_FILE}:{frame.f_lineno} in {frame.f_code.co_name}"
        frame = frame.f_back  # type: ignore[assignment]  # None ends the loop
    return ""


def bank(env: Env) -> web.Application:
    """POST /debit: move the money, `bank_s` each, as many at once as the bank allows.

    Who comes with more at once is told 429, and answered by nobody for BAN_S. Some orders are never answered (FIRST_HELD);
    of some that were charged the connection ends without an answer (FIRST_DROPPED); some are refused (FIRST_REFUSED).
    Each movement of money is a line of the log: order, cents, currency.
    """
    calls = most = numbers = 0
    banned_until = -1.0
    seen: set[asyncio.Transport] = set()
    held = {env.named("order", FIRST_HELD + number) for number in range(2 * len(PLAN))}
    refused = {env.named("order", FIRST_REFUSED + number) for number in range(REFUSED_FILES)}
    dropped = {env.named("order", FIRST_DROPPED + number) for number in range(DROPPED)}

    async def debit(request: web.Request) -> web.Response:
        nonlocal calls, most, banned_until, numbers
        if request.transport is not None:
            seen.add(request.transport)
        now = env.signals.now()
        calls += 1
        most = max(most, calls)
        try:
            allowed = _at(env.settings["allows"], now)
            if calls > allowed and now >= banned_until:
                banned_until = now + BAN_S
                env.signals.event("banned", f"{calls} calls at once", f"allowed: {allowed}")
            if now < banned_until:
                return web.json_response({"error": "too many calls at once"}, status=429)
            asked = await request.json()
            if asked["order"] in refused:
                return web.json_response({"error": "no money for this order"}, status=429)
            await asyncio.sleep(HELD_S if asked["order"] in held else _at(env.settings["bank_s"], now))
            numbers += 1
            env.signals.log.info("debit", request_id=asked["order"], cents=asked["cents"], currency=asked["currency"])
            if asked["order"] in dropped and request.transport is not None:
                request.transport.close()
            return web.json_response({"number": numbers, "cents": asked["cents"], "currency": asked["currency"]})
        finally:
            calls -= 1

    def most_calls() -> float:
        nonlocal most
        reported, most = most, calls
        return reported

    def still_open() -> float:
        gone = [transport for transport in seen if transport.is_closing()]
        seen.difference_update(gone)
        return len(seen)

    return application(
        web.post("/debit", debit),
        background=[
            lambda: sampling.report(env.signals, CALLS, most_calls),
            lambda: sampling.report(env.signals, OPEN, still_open),
        ],
    )


def _at(table: Sequence[tuple[float, float]], now: float) -> float:
    """The last value of a table whose time has come."""
    return [value for at, value in table if at <= max(now, 0.0)][-1]
