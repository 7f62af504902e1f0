"""The system around the repair: a service that answers reports, the store behind it, and a probe that checks the answers.

    load  -> reports -> store
    probe -> reports
    probe -> store

Only `reports` runs the repair. The store and the probe run none, so what they write into the record can be believed.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import tempfile
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from random import Random
from typing import Any

import aiohttp
from aiohttp import web

from labs.kit import Env, application, names, sampling
from labs.lab02_memory.rendering import BLOCK, ledger_block, ledger_part, make_figures, page, render
from labs.lab02_memory.scenarios import ABROAD, BOTH_EVERY, CURRENCIES, LEDGER, MB, PART_BYTES, RECENT, wanted

DISK = "system.filesystem.usage"
PROBE_EVERY_S = 1.0
PROBES_FROM_S = 0.5
UNANSWERED_EVERY_S = 0.25
PLAIN = ("User-Agent", "Accept", "Accept-Encoding")
"""Headers that aiohttp would add: the probe's requests look like the load's, or a repair could treat it better."""


def reports(env: Env) -> web.Application:
    """Answers what the repair's `Reports` makes.

    GET /visit/TICKET: the report, or the part of the ledger, that the scenario has for this ticket.
    GET /report/NAME?options=...: a page of this report. GET /part/NAME?start=...&size=...: so much of a ledger.
    GET /recent: the names of the last answers, as a JSON list. POST /revised/NAME: the report has changed at the store.
    """
    made: Any = None
    in_flight = 0

    async def visit(request: web.Request) -> web.Response:
        want = wanted(request.match_info["ticket"], env.settings)
        if want.size:
            return await answer(request, made.part(want.name, want.start, want.size))
        return await answer(request, made.report(want.name, want.options, _visitor(request)))

    async def one(request: web.Request) -> web.Response:
        asked = made.report(request.match_info["name"], request.query["options"], _visitor(request))
        return await answer(request, asked)

    async def part(request: web.Request) -> web.Response:
        start, size = int(request.query["start"]), int(request.query["size"])
        return await answer(request, made.part(request.match_info["name"], start, size))

    async def recent(request: web.Request) -> web.Response:
        async def listing() -> bytes:
            return json.dumps(made.recent()).encode()

        return await answer(request, listing())

    async def revised(request: web.Request) -> web.Response:
        async def told() -> bytes:
            made.revised(request.match_info["name"])
            return b""

        return await answer(request, told())

    async def answer(request: web.Request, making: Coroutine[Any, Any, bytes]) -> web.Response:
        nonlocal in_flight
        in_flight += 1
        try:
            body = await making
            env.signals.log.info("answered", request_id=_visitor(request), path=request.path, bytes=len(body))
            return web.Response(body=body)
        except Exception as error:
            expected = isinstance(error, getattr(env.repair(), "StoreFailed", ()))
            raised = None if expected else error  # a slip in the repair: its line belongs in the log
            env.signals.log.error("no answer", error_type=type(error).__name__, exc_info=raised)
            return web.json_response({"error": str(error)}, status=502)
        finally:
            in_flight -= 1

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal made
        made = env.repair().Reports(env.urls["store"])
        await made.start()
        yield
        await made.stop()

    every = env.settings["report_every_s"]
    return application(
        web.get("/visit/{ticket}", visit), web.get("/report/{name}", one), web.get("/part/{name}", part),
        web.get("/recent", recent), web.post("/revised/{name}", revised), lifespan=lifespan,
        background=[lambda: sampling.report(env.signals, names.ACTIVE_REQUESTS, lambda: in_flight, every)],
    )  # fmt: skip


def _visitor(request: web.Request) -> str:
    return request.headers.get("X-Request-Id", "nobody")


def store(env: Env) -> web.Application:
    """GET /figures/NAME: what a report is rendered from. POST /revise/NAME: its next version; answers the number.

    GET /ledger/NAME: the whole ledger, block by block; with the header "Range: bytes=FIRST-LAST" that part of it alone.
    Each reading of figures is a line in the store's audit file; the sample "system.filesystem.usage" is how long that is.
    Each sending of ledger bytes is a log "sent": from which byte on, to before which, and how long the ledger is.
    """
    versions: dict[str, int] = {}
    settings = env.settings
    length = round(settings["ledger_mb"] * MB)
    audit: Any = None

    async def figures(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        await asyncio.sleep(settings["store_ms"] / 1000)
        begin, end = settings["store_fails_s"]
        if begin <= env.signals.now() < end:
            return web.json_response({"error": "the store is being restarted"}, status=503)
        audit.write(f"{env.signals.now():.3f} read {name} version {versions.get(name, 1)} for accounting\n".encode())
        return web.Response(body=make_figures(name, versions.get(name, 1), settings["report_kb"]))

    async def revise(request: web.Request) -> web.Response:
        name = request.match_info["name"]
        versions[name] = versions.get(name, 1) + 1
        return web.Response(text=str(versions[name]))

    async def ledger(request: web.Request) -> web.StreamResponse:
        name, part = request.match_info["name"], request.http_range
        start, stop = part.start or 0, min(part.stop or length, length)
        response = web.StreamResponse(status=200 if request.headers.get("Range") is None else 206)
        response.content_length = stop - start
        await response.prepare(request)
        sent = start
        try:
            for number in range(start // BLOCK, (stop - 1) // BLOCK + 1):
                block, begins = ledger_block(name, number), number * BLOCK
                await response.write(block[max(start - begins, 0) : stop - begins])
                sent = min(begins + BLOCK, stop)
        finally:
            env.signals.log.info("sent", start=start, stop=sent, ledger_mb=settings["ledger_mb"])
        return response

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal audit
        with tempfile.TemporaryFile(buffering=0) as audit:  # without a name: gone with this process, however that ends
            yield

    return application(
        web.get("/figures/{name}", figures), web.post("/revise/{name}", revise), web.get("/ledger/{name}", ledger),
        lifespan=lifespan,
        background=[lambda: sampling.report(env.signals, DISK, lambda: audit.tell(), settings["report_every_s"])],
    )  # fmt: skip


def probe(env: Env) -> web.Application:
    """A customer of our own. It has reports revised, asks for them, and compares what comes with what must come.

    Each answer is an event of the record: "answer", name, and "right", "stale", "wrong" or "none". After it, the list of
    recent answers: "recent", name, and "right", "missing", "short", "malformed", "unanswered" or "none".
    """
    rng = Random(f"probe {env.seed}")
    kilobytes, popular = env.settings["report_kb"], env.settings["popular"]
    api, origin = env.urls["reports"], env.urls["store"]
    numbers = itertools.count(100_000)
    revisions = 0

    async def call(session: aiohttp.ClientSession, method: str, url: str, visitor: str = "") -> bytes | None:
        """The body of an answer 200; None for any other end."""
        headers = {"X-Request-Id": visitor or env.named("visit", next(numbers))}
        try:
            async with session.request(method, url, headers=headers) as response:
                body = await response.read()
                return body if response.status == 200 else None
        except (aiohttp.ClientError, TimeoutError):
            return None

    async def revise(session: aiohttp.ClientSession) -> None:
        nonlocal revisions
        name, revisions = f"popular-{rng.randrange(popular)}", revisions + 1
        before = int(await call(session, "POST", f"{origin}/revise/{name}") or 0)
        if not before or await call(session, "POST", f"{api}/revised/{name}") is None:
            return
        asked = CURRENCIES if revisions % BOTH_EVERY == 0 else CURRENCIES[:1]
        if env.settings["both_at_once"]:
            answers = await asyncio.gather(*(look(session, name, before, options) for options in asked))
        else:
            answers = [await look(session, name, before, options) for options in asked]
        begin, end = env.settings["store_fails_s"]
        if not any(answers) and begin <= env.signals.now() < end:
            await look(session, name, before, CURRENCIES[0])  # who comes after an error

    async def look(session: aiohttp.ClientSession, name: str, version: int, options: str) -> bool:
        visitor = env.named("visit", next(numbers))
        got = await call(session, "GET", f"{api}/report/{name}?options={options}", visitor)
        subject = name if options == CURRENCIES[0] else f"{name}{ABROAD}"
        env.signals.event("answer", subject, judged(got, name, version, options, visitor))
        return got is not None

    def judged(got: bytes | None, name: str, version: int, options: str, visitor: str) -> str:
        if got is None:
            return "none"
        if got == page(render(make_figures(name, version, kilobytes), options), visitor):
            return "right"
        earlier = (render(make_figures(name, number, kilobytes), options) for number in range(version - 1, 0, -1))
        return "stale" if any(got == page(body, visitor) for body in earlier) else "wrong"

    async def look_back(session: aiohttp.ClientSession) -> None:
        name, visitor = f"popular-{rng.randrange(popular)}", env.named("visit", next(numbers))
        if await call(session, "GET", f"{api}/report/{name}?options={CURRENCIES[0]}", visitor) is None:
            return
        env.signals.event("recent", name, listed(await call(session, "GET", f"{api}/recent"), name))

    async def look_for_unanswered(session: aiohttp.ClientSession) -> None:
        """Ask for a report while the store fails; where there is no answer, the name is on no list of answers."""
        begin, end = env.settings["store_fails_s"]
        name = f"single-{next(numbers)}"
        if (
            not begin <= env.signals.now() < end
            or await call(session, "GET", f"{api}/report/{name}?options=EUR") is not None
        ):
            return
        found = await call(session, "GET", f"{api}/recent")
        if found is not None:
            env.signals.event("recent", name, "unanswered" if json.dumps(name).encode() in found else "right")

    def listed(got: bytes | None, name: str) -> str:
        if got is None:
            return "none"
        try:
            found = json.loads(got)
        except ValueError:
            return "malformed"
        if not isinstance(found, list) or not all(isinstance(each, str) for each in found):
            return "malformed"
        if name not in found:
            return "missing"
        return "right" if len(found) == RECENT else "short" if len(found) < RECENT else "malformed"

    async def read_part(session: aiohttp.ClientSession) -> None:
        start = rng.randrange(round(env.settings["ledger_mb"] * MB) - PART_BYTES)
        got = await call(session, "GET", f"{api}/part/{LEDGER}?start={start}&size={PART_BYTES}")
        right = got == ledger_part(LEDGER, start, PART_BYTES)
        env.signals.event("answer", LEDGER, "none" if got is None else "right" if right else "wrong")

    async def every(
        seconds: float,
        act: Callable[[aiohttp.ClientSession], Awaitable[None]],
        until_s: float = env.settings["probe_until_s"],
    ) -> None:
        timeout = aiohttp.ClientTimeout(total=5.0)
        async with aiohttp.ClientSession(timeout=timeout, skip_auto_headers=PLAIN) as session:
            for number in itertools.count():
                at_s = PROBES_FROM_S + number * seconds
                if max(at_s, env.signals.now()) >= until_s:
                    return
                await env.until(at_s)
                await act(session)

    slow = PROBE_EVERY_S * max(1.0, env.settings["report_every_s"])
    until = min(env.settings["revise_until_s"], env.settings["probe_until_s"])
    background = [lambda: every(env.settings["revise_every_s"], revise, until), lambda: every(slow, look_back)]
    if env.settings["store_fails_s"][1]:
        background.append(lambda: every(UNANSWERED_EVERY_S, look_for_unanswered, env.settings["store_fails_s"][1]))
    if env.settings["parts_share"]:
        background.append(lambda: every(slow, read_part))
    return application(background=background)
