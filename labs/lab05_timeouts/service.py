"""The system around the repair: a storefront, the three services it calls, and a probe that looks at product pages.

    load  -> storefront -> payments
    probe -> storefront -> search
                        -> recommendations

The storefront runs the repair. The others run none, so what they log can be believed. Each of the three honours the header
`X-Timeout-S`: so many seconds after a request has come, it stops working on it.
"""

from __future__ import annotations

import asyncio
import itertools
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from dataclasses import dataclass
from math import inf
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, admin, application, names, sampling
from labs.lab05_timeouts.phases import Phases, report_phases, serving
from labs.lab05_timeouts.scenarios import DRIP, HOLE, IN_WORDS, MEDIAN_MS, PATIENCE_S, SKUS, SLOW, SLOW_S

TOLD = "X-Timeout-S"
SPREAD = 0.5  # of the logarithm of service times: p99 is 3.2 medians, p99.9 is 4.7
PROBE_EVERY_S = 0.25
FIRST_PROBE = 100_000
DRIP_BYTES, DRIP_EVERY_S = 5, 0.2

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


# The storefront -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Visit:
    """One customer who waits: `request_id`, and `deadline`, when he leaves, in seconds of the event loop's clock."""

    request_id: str
    deadline: float

    def left(self) -> float:
        """Seconds until the customer leaves; below 0 once he has."""
        return self.deadline - asyncio.get_running_loop().time()


def storefront(env: Env) -> web.Application:
    """POST /checkout, GET /search?words=..., GET /product?sku=...: what the repair's `Storefront` makes of them.

    What it raises is a 504. As aiohttp does by default, a handler goes on when its customer has left.

    An operator can switch recommendations off: a product page is then made without them, and without the repair.
    """
    shop: Any = None
    switches = {"recommendations": 1.0}
    under_way = sampling.UnderWay(env.signals)
    phases = Phases()

    async def serve(request: web.Request, answer: Callable[[Visit], Awaitable[Any]]) -> web.Response:
        name = request.headers.get("X-Request-Id", "")
        calls: list[Any] = []
        serving.set(calls)
        with under_way:
            try:
                return web.json_response(await answer(Visit(name, asyncio.get_running_loop().time() + PATIENCE_S)))
            except Exception as error:
                known = (getattr(env.repair(), "Unavailable", ()), aiohttp.ClientError, TimeoutError)
                raised = None if isinstance(error, known) else error  # a slip in the repair: its line belongs in the log
                kind = type(error).__name__
                env.signals.log.error(f"{request.path} failed", request_id=name, error_type=kind, exc_info=raised)
                return web.json_response({"error": f"{kind}: {error}"[:200]}, status=504)
            finally:
                for call in calls:
                    phases.end(call)

    async def checkout(request: web.Request) -> web.Response:
        order = await request.json()
        return await serve(request, lambda visit: shop.checkout(visit, order))

    async def search(request: web.Request) -> web.Response:
        return await serve(request, lambda visit: shop.search(visit, request.query.get("words", "")))

    async def product(request: web.Request) -> web.Response:
        if not switches["recommendations"]:
            return web.json_response({"sku": request.query.get("sku", ""), "recommended": []})
        return await serve(request, lambda visit: shop.product(visit, request.query.get("sku", "")))

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal shop
        shop = env.repair().Storefront(dict(env.urls), [phases.tracing])
        await shop.start()
        yield
        await shop.stop()

    def switch(value: float) -> None:
        switches["recommendations"] = value

    return application(
        web.post("/checkout", checkout), web.get("/search", search), web.get("/product", product),
        admin({"recommendations": switch}), lifespan=lifespan,
        background=[under_way.report, lambda: report_phases(env, phases)],
    )  # fmt: skip


# The services it calls ----------------------------------------------------------------------------------------------


class Expired(Exception):
    """The time that the caller gave has passed before the work was done."""


class Desk:
    """How one of the three services works: how long it takes, what it was told, and its trouble.

    One that `closes` ends each connection with its answer, as many a load balancer does: each call needs a new one.
    """

    def __init__(self, env: Env, closes: bool = False) -> None:
        self.env = env
        self.closes = closes
        self.trouble = env.settings["trouble"]
        self._times = Random(f"{env.name} {env.seed}")
        self._ends = asyncio.Event()
        self._broken_off = 0

    @property
    def troubled(self) -> str:
        """The kind of trouble that this service has now, "" if it is well."""
        if self.trouble["service"] != self.env.name:
            return ""
        now = self.env.signals.now()
        return str(self.trouble["kind"]) if self.trouble["from"] <= now < self.trouble["until"] else ""

    async def work(self, request: web.Request) -> None:
        """Take as long as the request takes. Raises Expired where the caller has given less time than that."""
        took = self._times.lognormvariate(0, SPREAD) * MEDIAN_MS[self.env.name] / 1000
        if self.troubled == SLOW:
            took = self._times.uniform(*SLOW_S)
        if self.troubled == HOLE:
            await self._ends.wait()
        given = told(request)
        await asyncio.sleep(took if given is None else min(took, given))
        if given is not None and given < took:
            raise Expired(f"stopped after the {given:.3g} s that the caller gave")

    async def answer(self, request: web.Request, body: dict[str, Any], event: str = "") -> web.StreamResponse:
        """Send the answer: at once, drop by drop, or not to its end. A caller who has left gets none.

        Once all of it is on its way, the body is logged under `event`, if one is given.
        """
        text = json.dumps(body).encode()
        response = web.StreamResponse(headers={"Content-Type": "application/json"})
        response.content_length = len(text)
        if self.closes:
            response.force_close()
        half_from, half_until = self.env.settings["half_s"]
        with suppress(ConnectionResetError):  # or aiohttp prints a traceback for each caller who has left
            if half_from <= self.env.signals.now() < half_until and request.transport is not None:
                self._broken_off += 1
                if self._broken_off % 2:
                    await response.prepare(request)
                    await response.write(text[: len(text) // 2])
                request.transport.close()
                return response
            await response.prepare(request)
            if self.troubled == DRIP:
                for start in range(0, len(text), DRIP_BYTES):
                    await response.write(text[start : start + DRIP_BYTES])
                    await asyncio.sleep(DRIP_EVERY_S)
            else:
                await response.write(text)
            await response.write_eof()
            if event:
                self.env.signals.log.info(event, **body)
        return response

    def app(self, method: str, path: str, handler: Handler) -> web.Application:
        """An application with one route, whose trouble is told in the record."""

        async def handle(request: web.Request) -> web.StreamResponse:
            try:
                return await handler(request)
            except Expired as error:
                return web.json_response({"error": str(error)}, status=504)

        async def tell() -> None:
            if self.trouble["service"] != self.env.name:
                return
            begins, ends = self.trouble["from"], self.trouble["until"]
            for kind, word, at in ((names.FAULT_ON, "on", begins), (names.FAULT_OFF, "off", ends)):
                await self.env.until(at)
                self.env.signals.event(kind, self.env.name, IN_WORDS[self.trouble["kind"]])  # for charts
                self.env.signals.log.info(f"trouble {word}", at=at)  # for checks: a log says who wrote it

        async def end(app: web.Application) -> None:
            self._ends.set()  # or a live service waits a minute for requests that it will never answer

        app = application(web.route(method, path, handle), background=[tell])
        app.on_shutdown.append(end)
        return app


def hang_up(request: web.Request) -> web.StreamResponse:
    """Close the connection on which a request came: what is returned reaches nobody."""
    if request.transport is not None:
        request.transport.close()
    return web.StreamResponse()


def told(request: web.Request) -> float | None:
    """The seconds that the caller gives, None if it does not say. Raises HTTPBadRequest where it says no number."""
    text = request.headers.get(TOLD)
    if text is None:
        return None
    try:
        given = float(text)
    except ValueError:
        given = -1.0
    if not 0 <= given < float("inf"):
        raise web.HTTPBadRequest(text=f"{TOLD} is {text!r}; expected seconds, 0 or more, such as 0.25")
    return given


def payments(env: Env) -> web.Application:
    """POST /charge: move the money. Each request is a log "charge": order, seconds given, begun, and whether money moved;
    `key_of` is the order that its key came with first.

    A charge that carries an Idempotency-Key seen before is answered with the first receipt and moves nothing.
    """
    desk = Desk(env, closes=True)
    receipts: dict[str, dict[str, Any]] = {}
    keys: dict[str, str] = {}
    lost_from, lost_until = env.settings["lost_s"]
    moved = 0

    async def charge(request: web.Request) -> web.StreamResponse:
        nonlocal moved
        begun, order, key = env.signals.now(), await request.json(), request.headers.get("Idempotency-Key", "")
        lost = lost_from <= begun < lost_until
        key_of = keys.setdefault(key, order["id"]) if key else order["id"]
        receipt = None
        try:
            await desk.work(request)
            if key not in receipts and not lost:
                moved += 1
                receipt = {"order": order["id"], "number": moved}
        finally:
            moves = receipt is not None
            given = told(request)
            env.signals.log.info("charge", request_id=order["id"], given=given, begun=begun, charged=moves, key_of=key_of)
        if key and receipt is not None:
            receipts[key] = receipt
        return hang_up(request) if lost else await desk.answer(request, receipt or receipts[key])

    return desk.app("POST", "/charge", charge)


def search(env: Env) -> web.Application:
    """GET /find?words=...: some products. Each answer that is sent whole is a log "found": words, and what was found."""
    desk = Desk(env, closes=True)

    async def find(request: web.Request) -> web.StreamResponse:
        await desk.work(request)
        return await desk.answer(request, {"words": request.query.get("words", ""), "found": SKUS[:3]}, "found")

    return desk.app("GET", "/find", find)


def recommendations(env: Env) -> web.Application:
    """GET /for?sku=...: what goes with a product. Each answer is a log "named": sku, and what was named."""
    desk = Desk(env)
    picks = Random(f"picks {env.seed}")
    error_at = env.settings["one_error_s"] or inf

    async def name(request: web.Request) -> web.StreamResponse:
        nonlocal error_at
        if env.signals.now() >= error_at:
            error_at = inf
            return web.json_response({"error": "for once"}, status=500)
        await desk.work(request)
        sku = request.query.get("sku", "")
        named = [f"item-{picks.randrange(10**9)}" for _ in range(8)]
        env.signals.log.info("named", sku=sku, first=named[0])
        return await desk.answer(request, {"sku": sku, "recommended": named})

    return desk.app("GET", "/for", name)


# The probe ----------------------------------------------------------------------------------------------------------


def probe(env: Env) -> web.Application:
    """A customer of our own: four times a second it asks for a product page. Each is a log "page": what came, and when."""
    rng = Random(f"probe {env.seed}")
    # The headers are those of the load: a storefront that treats the probe better than customers would have to know it.
    plain = ("User-Agent", "Accept", "Accept-Encoding")

    async def look(session: aiohttp.ClientSession, number: int) -> None:
        sku, sent = rng.choice(SKUS), env.signals.now()
        headers = {"X-Request-Id": env.named("visit", FIRST_PROBE + number)}
        status, body = 0, b""
        try:
            async with session.get(f"{env.urls['storefront']}/product?sku={sku}", headers=headers) as response:
                status, body = response.status, await response.read()
        except (aiohttp.ClientError, TimeoutError):
            status = 0
        env.signals.log.info("page", sku=sku, sent=sent, status=status, body=body[:500].decode("utf-8", "replace"))

    async def work() -> None:
        patience = aiohttp.ClientTimeout(total=PATIENCE_S)
        connector = aiohttp.TCPConnector(limit=0)
        async with aiohttp.ClientSession(connector=connector, timeout=patience, skip_auto_headers=plain) as session:
            looks: set[asyncio.Task[None]] = set()  # kept: the loop itself holds tasks only weakly
            for number in itertools.count():
                await env.until((number + 0.5) * PROBE_EVERY_S)
                looks = {task for task in looks if not task.done()}
                looks.add(asyncio.create_task(look(session, number)))

    return application(background=[work])
