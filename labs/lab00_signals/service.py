"""The system around the repair: a gateway takes orders to the shop, the shop asks inventory, inventory asks pricing.

    load -> gateway -> shop -> inventory -> pricing

Shop, inventory and pricing all run the repair's `Telemetry`, around each request and in each call. The gateway runs no
repair: it stands for the load balancer that every company has, and what it writes down can be believed.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import aiohttp
from aiohttp import web
from aiohttp.typedefs import Middleware
from opentelemetry import trace
from opentelemetry.trace import SpanContext, SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

from labs.kit import Env, application, sampling
from labs.lab00_signals.scenarios import ANSWERED, NOTED
from labs.lab00_signals.trouble import (
    PASSES,
    SLOW_FAMILY,
    TooManyOrders,
    cents,
    first_error,
    price_error,
    refused,
    stock_error,
)

Ask = Callable[[str, dict[str, Any]], Awaitable[dict[str, Any]]]
"""(name of a service and path, such as "pricing/price", what is asked) -> the answer, by way of the repair."""
Work = Callable[[dict[str, Any], Ask], Awaitable[dict[str, Any]]]
LONGEST = 400
"""Characters of an answer's body, and of the id that came with it, that are written down."""
WATCH_EVERY_S = 0.25


def gateway(env: Env) -> web.Application:
    """POST /orders: hand the order to the shop, with its X-Request-Id and a traceparent (W3C), and the answer back.

    Beside its access log it keeps notes for the judge, two log lines for each order. NOTED, when it comes: its name and
    product, the error that it will meet below ("" if none), how long the last service works on it, and the ids of its trace
    and of the gateway's span. ANSWERED, when it goes: status, body, and the id that came back with it. They are log lines
    and no events because a log line has a host: a service that runs the repair cannot write one in the gateway's name.
    """
    session: aiohttp.ClientSession
    w3c = TraceContextTextMapPropagator()

    def note_order(request_id: str, order: dict[str, str], ids: SpanContext) -> None:
        name, product = order["order"], order["product"]
        met = first_error(env.seed, name, product, env.settings)
        work_s = stock_s(env) if PASSES[met][-1] == "inventory" else price_s(env, product)
        span = {"trace_id": f"{ids.trace_id:032x}", "span_id": f"{ids.span_id:016x}"}
        noted = {"order": name, "product": product, "met": met, "work_s": work_s, **span}
        env.signals.log.debug(NOTED, request_id=request_id, **noted)

    async def orders(request: web.Request) -> web.Response:
        request_id, asked = request.headers["X-Request-Id"], await request.read()
        with env.signals.tracer.start_as_current_span("POST /orders", kind=SpanKind.SERVER) as span:
            note_order(request_id, json.loads(asked), span.get_span_context())
            headers = {"X-Request-Id": request_id, "Content-Type": "application/json"}
            w3c.inject(headers)
            try:
                async with session.post(env.urls["shop"] + "/orders", data=asked, headers=headers) as response:
                    status, body = response.status, await response.read()
                    returned = response.headers.get("X-Request-Id", "")
            except aiohttp.ClientError as error:
                status, body, returned = 502, type(error).__name__.encode(), ""
            if status >= 500:
                span.set_status(StatusCode.ERROR)
        seen = {"body": body[:LONGEST].decode("utf-8", "replace"), "returned": returned[:LONGEST]}
        env.signals.log.debug(ANSWERED, request_id=request_id, status=status, bytes=len(body), **seen)
        env.signals.log.info("access", request_id=request_id, status=status)
        return web.Response(status=status, body=body, content_type="application/json")

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield

    return application(web.post("/orders", orders), lifespan=lifespan)


def shop(env: Env) -> web.Application:
    """POST /orders: what the product costs, once inventory has put one aside."""

    async def work(order: dict[str, Any], ask: Ask) -> dict[str, Any]:
        reserved = await ask("inventory/reserve", order)
        return {"order": order["order"], "product": order["product"], "cents": reserved["cents"]}

    return _service(env, "/orders", work)


def inventory(env: Env) -> web.Application:
    """POST /reserve: write the order into the stock book, then ask pricing what the product costs."""

    async def work(order: dict[str, Any], ask: Ask) -> dict[str, Any]:
        await asyncio.sleep(stock_s(env))
        if error := stock_error(env.seed, order["order"], env.settings):
            raise error
        priced = await ask("pricing/price", order)
        return {"reserved": 1, "cents": priced["cents"]}

    return _service(env, "/reserve", work)


def pricing(env: Env) -> web.Application:
    """POST /price: what the product costs. The slow family takes `slow_ms` instead of `price_ms`.

    Before the repair's module stands a limiter, which refuses the orders of a rush with 429.
    """

    async def work(order: dict[str, Any], ask: Ask) -> dict[str, Any]:
        await asyncio.sleep(price_s(env, order["product"]))
        if error := price_error(order["product"], env.settings):
            raise error
        return {"cents": cents(order["product"])}

    @web.middleware
    async def limiter(request: web.Request, handler: Any) -> web.StreamResponse:
        if refused((await request.json())["product"]):
            return web.json_response({"error": TooManyOrders.__name__}, status=429)
        answer: web.StreamResponse = await handler(request)
        return answer

    return _service(env, "/price", work, limiter)


def stock_s(env: Env) -> float:
    """Seconds that inventory works on an order."""
    return float(env.settings["stock_ms"]) / 1000


def price_s(env: Env, product: str) -> float:
    """Seconds that pricing works on an order."""
    return float(env.settings["slow_ms" if product.startswith(SLOW_FAMILY) else "price_ms"]) / 1000


def _service(env: Env, path: str, work: Work, *before: Middleware) -> web.Application:
    """An application with one route: `work` on what came as JSON, inside of the repair's `Telemetry.handle`.

    `before` is what a request passes before it comes to the repair.
    """
    telemetry = env.repair().Telemetry(env.name, env.signals.log, env.signals.tracer)
    session: aiohttp.ClientSession
    under_way = sampling.UnderWay(env.signals, every_s=WATCH_EVERY_S)

    async def ask(where: str, question: dict[str, Any]) -> dict[str, Any]:
        service, _, rest = where.partition("/")
        answer: dict[str, Any] = await telemetry.call(session, f"{env.urls[service]}/{rest}", question)
        return answer

    async def handler(request: web.Request) -> web.StreamResponse:
        order = await request.json()
        trace.get_current_span().set_attribute("product", order["product"])  # without a span of the repair: nothing
        return web.json_response(await work(order, ask))

    @web.middleware
    async def around(request: web.Request, handler: Any) -> web.StreamResponse:
        with under_way:
            try:
                answer: web.StreamResponse = await telemetry.handle(request, handler)
                return answer
            except web.HTTPException:
                raise
            except Exception as error:  # a slip in the repair: its line belongs in the log
                env.signals.log.error("Telemetry.handle raised", error_type=type(error).__name__, exc_info=error)
                raise

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:
            yield

    watchers = [under_way.report, lambda: sampling.report_loop_lag(env.signals, WATCH_EVERY_S)]
    return application(web.post(path, handler), lifespan=lifespan, background=watchers, middlewares=[*before, around])
