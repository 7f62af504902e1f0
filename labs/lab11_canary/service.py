"""The system around the repair: a router before two versions of one service, a monitor, and the controller of a release.

    load -> router -> stable, canary        monitor -> stable, canary (metrics), controller (decides), router (share)
                                            fleet -> controller (thousands of releases, drawn as counts)

The controller runs the repair's `Controller`, the router its `in_canary`. The two versions, the monitor and the fleet run no
repair: what they saw and what they were told counts.
"""

from __future__ import annotations

import asyncio
import hashlib
import json
import math
import sys
from collections.abc import AsyncIterator
from random import Random
from types import FrameType
from typing import Any, NamedTuple
from zlib import crc32

import aiohttp
import numpy as np
from aiohttp import web

from labs.kit import Env, application, names
from labs.lab11_canary import releases
from labs.lab11_canary.scenarios import BUCKETS_MS, PATIENCE_S, REGIONS

NAMES = tuple(name for name, _ in REGIONS)
ASKED_S = 60.0
"""The fleet waits so long for the controller's answers to one second of all its releases."""
SCRAPE_S = 0.5
LONGEST_MS = 900
"""No page takes longer: one that is cut off is told apart by that."""
MOST_ERRORS = 20
"""So many errors of the repair's controllers are logged in one run."""


class Counts(NamedTuple):
    """What the metrics endpoint says of one version in one region and one second; `times` is the histogram."""

    requests: int
    errors: int
    times: tuple[int, ...]


class Second(NamedTuple):
    """What a controller is asked with: the share in force, and the counts of both versions by region."""

    share: float
    stable: dict[str, Counts]
    canary: dict[str, Counts]


def version(env: Env) -> web.Application:
    """POST /page: the service that is released; GET /metrics: its counters since its start, by region.

    Settings: `errors`, the share of its requests that fail; `extra`, what the new version adds to that.
    """
    rng = Random(f"{env.seed} {env.secret} {env.name}")
    counters = {name: [0] * (3 + len(BUCKETS_MS)) for name in NAMES}
    errors = env.settings["errors"] + env.settings["extra"] * (env.name == "canary")

    async def page(request: web.Request) -> web.Response:
        user = (await request.json())["user"]
        env.signals.event("served", user, request.headers["X-Request-Id"])
        took_ms = min(LONGEST_MS, 20 * rng.lognormvariate(0, 1.2))
        await asyncio.sleep(took_ms / 1000)
        failed = rng.random() < errors
        counts = counters[region_of(user)]
        counts[0] += 1
        counts[1] += failed
        counts[2 + sum(took_ms > bound for bound in BUCKETS_MS)] += 1
        return web.json_response({"user": user, "version": env.name}, status=500 if failed else 200)

    async def metrics(request: web.Request) -> web.Response:
        return web.json_response(counters)

    return application(web.post("/page", page), web.get("/metrics", metrics))


def region_of(user: str) -> str:
    """The region in which a user lives."""
    at = crc32(user.encode()) / 2**32
    for name, weight in REGIONS:
        at -= weight
        if at < 0:
            return name
    return NAMES[-1]


def router(env: Env) -> web.Application:
    """POST /page: to one of the two versions. POST /share: the share of the new one from now on."""
    in_canary = env.repair().in_canary
    share = 0.0
    session: aiohttp.ClientSession

    async def page(request: web.Request) -> web.Response:
        body = await request.json()
        chosen = "canary" if share >= 1 or (share > 0 and in_canary(body["user"], share)) else "stable"
        headers = {"X-Request-Id": request.headers["X-Request-Id"]}
        try:
            async with session.post(env.urls[chosen] + "/page", json=body, headers=headers) as response:
                return web.Response(body=await response.read(), status=response.status, content_type=response.content_type)
        except (aiohttp.ClientError, TimeoutError) as error:
            return web.json_response({"error": type(error).__name__}, status=504)

    async def new_share(request: web.Request) -> web.Response:
        nonlocal share
        share = float((await request.json())["share"])
        return web.json_response({"share": share})

    async def learn_share() -> None:
        """A router that has just started asks the monitor for the share in force."""
        nonlocal share
        for _ in range(100):
            try:
                async with session.get(env.urls["monitor"] + "/share") as response:
                    share = float((await response.json())["share"])
                    return
            except (aiohttp.ClientError, TimeoutError):
                await asyncio.sleep(0.05)

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0), timeout=timeout) as session:
            yield

    return application(web.post("/page", page), web.post("/share", new_share), lifespan=lifespan, background=[learn_share])


def controller(env: Env) -> web.Application:
    """POST /decide: one second of each release under way; answered with one decision for each, in the same order."""
    make = env.repair().Controller
    under_way: dict[int, Any] = {}
    left_at: dict[str, int] = {}
    logged = 0

    async def decide(request: web.Request) -> web.Response:
        asked = json.loads(await request.read())
        for gone in under_way.keys() - {number for number, *_ in asked}:
            del under_way[gone]
        answers = [decision(len(asked) == 1, *each) for each in asked]
        if len(asked) == 1:
            env.signals.log.info("decided", answer=answers[0], line=left_at.get("decide", 0))
        return web.json_response(answers)

    def watched(frame: FrameType, event: str, value: object) -> None:
        """Notes the line of the repair from which a function returns."""
        if event == "return" and frame.f_code.co_filename == names.FIX_FILE:
            left_at[frame.f_code.co_name] = frame.f_lineno

    def decision(
        alone: bool, number: int, share: float, stable: list[list[int]], canary: list[list[int]]
    ) -> float | str | None:
        nonlocal logged
        try:
            if number not in under_way:
                under_way[number] = make()
            second = Second(share, by_region(stable), by_region(canary))
            sys.setprofile(watched if alone else None)
            try:
                answer = under_way[number].decide(second)
            finally:
                sys.setprofile(None)
            return answer if isinstance(answer, str) else float(answer)
        except Exception as error:  # whatever the repair raises, the other releases go on
            logged += 1
            if logged <= MOST_ERRORS:
                env.signals.log.error("no decision", error_type=type(error).__name__, exc_info=error)
            return None

    return application(web.post("/decide", decide), client_max_size=2**26)


def by_region(rows: list[list[int]]) -> dict[str, Counts]:
    """Rows of (requests, errors, buckets...) as counts by region; without rows the version said nothing."""
    return {name: Counts(row[0], row[1], tuple(row[2:])) for name, row in zip(NAMES, rows, strict=True)}


def valid(answer: object) -> bool:
    """Is it a decision: a share from 0 to 1, "halt" or "rollback"?"""
    if isinstance(answer, str):
        return answer in ("halt", "rollback")
    return isinstance(answer, int | float) and math.isfinite(answer) and 0 <= answer <= 1


def monitor(env: Env) -> web.Application:
    """Each second: read both versions' metrics, ask the controller, tell the router. GET /share: the share in force.

    A version that does not answer has counted nothing. The events "share" and "end" are what was decided.
    """
    session: aiohttp.ClientSession
    share = 0.0
    before: dict[str, dict[str, list[int]]] = {}

    async def in_force(request: web.Request) -> web.Response:
        return web.json_response({"share": share})

    async def scrape(name: str) -> list[list[int]]:
        try:
            async with session.get(env.urls[name] + "/metrics", timeout=aiohttp.ClientTimeout(total=SCRAPE_S)) as response:
                now: dict[str, list[int]] = await response.json()
        except (aiohttp.ClientError, TimeoutError):
            return [[0] * (3 + len(BUCKETS_MS)) for _ in NAMES]
        last = before.get(name, {})
        before[name] = now
        return [[a - b for a, b in zip(now[r], last.get(r, [0] * len(now[r])), strict=True)] for r in NAMES]

    async def ask(second: list[Any]) -> Any:
        try:
            async with session.post(env.urls["controller"] + "/decide", json=[second]) as response:
                return (await response.json())[0]
        except (aiohttp.ClientError, TimeoutError, ValueError, LookupError):
            return None

    async def tell(new: float) -> None:
        nonlocal share
        if new == share:
            return
        share = new
        env.signals.event("share", f"{share:g}")
        try:
            async with session.post(env.urls["router"] + "/share", json={"share": share}) as response:
                await response.read()
        except (aiohttp.ClientError, TimeoutError):
            env.signals.log.warning("the router was not told")  # it asks when it starts

    async def watch() -> None:
        second = 0
        while env.settings["release"]:
            second += 1
            await env.until(second)
            stable, canary = await asyncio.gather(scrape("stable"), scrape("canary"))
            answer = await ask([0, share, stable, canary])
            if not valid(answer):
                env.signals.event("malformed", repr(answer)[:80])
            elif isinstance(answer, str):
                env.signals.event("end", answer)
                return await tell(0.0 if answer == "rollback" else share)
            else:
                await tell(float(answer))
                if answer >= 1:
                    env.signals.event("end", "out")
                    return None

    async def lifespan(app: web.Application) -> AsyncIterator[None]:
        nonlocal session
        timeout = aiohttp.ClientTimeout(total=PATIENCE_S)
        async with aiohttp.ClientSession(timeout=timeout) as session:
            yield

    return application(web.get("/share", in_force), lifespan=lifespan, background=[watch])


def fleet(env: Env) -> web.Application:
    """Draw thousands of releases, ask the controller about all of them second by second, and tell how they ended.

    The event "fleet" has a kind of release, and as JSON how many there were and how they ended; "fleet end" comes last.
    Setting: `each`, the number of releases of each kind.
    """

    async def run() -> None:
        if not env.settings["each"]:
            return
        await env.until(0.5)
        secret = hashlib.sha256(f"{env.seed} {env.secret} fleet".encode()).digest()
        drawn = releases.Releases(env.settings["each"], np.random.default_rng(list(secret)))
        malformed = 0
        async with aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=ASKED_S)) as session:
            while drawn.second < releases.DEADLINE_S:
                second = drawn.draw()
                numbers = second.numbers.tolist()
                if not numbers:
                    break
                columns = (numbers, second.shares.tolist(), second.stable.tolist(), second.canary.tolist())
                rows = list(zip(*columns, strict=True))
                async with session.post(env.urls["controller"] + "/decide", json=rows) as response:
                    answers = await response.json()
                for number, answer in zip(numbers, answers, strict=True):
                    if valid(answer):
                        drawn.apply(number, answer)
                    else:
                        malformed += 1
        drawn.close()
        for kind, told in drawn.told().items():
            env.signals.event("fleet", kind, json.dumps(told))
        env.signals.event("fleet end", str(malformed))

    return application(background=[run])
