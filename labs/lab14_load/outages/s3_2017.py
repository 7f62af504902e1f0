"""S3, 28 February 2017: a command with one wrong input removes too much, and the restart takes as long as the data is large.

One second here is about ten minutes there. An index of twenty servers says where objects are; a placement of servers finds
room for new ones, and needs the index. At second 4 an operator takes servers out of the index and types 16 where 1 was
meant. With fewer than twelve the index needs a full restart: each server loads its part of the metadata and checks it, two
at a time. Reads are answered again from twelve servers on; the placement starts when the index is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names, stats

SERVERS, LEAST, MEANT, TYPED, AT_A_TIME = 20, 12, 1, 16, 2
REMOVED_S, LOAD_S, LOAD_EACH_S, PLACEMENT_S = 4.0, 34.0, 2.4, 3.6
DATA = 1.0
"""How much metadata there is; the second scenario has half of it."""
MIRROR = "https://vuink.com/post/njf-d-dnznmba-d-dpbz/message/41926"
TIMES = (
    "https://techwormam.pages.dev/posts/how-a-single-typo-by-an-amazon-employee-caused-a-massive-internet-outage-techworm"
)

PUBLIC = (
    Fact("removed", "one wrong input removes a larger set than was meant (9:37), and a full restart is needed",
         "all requests fail", MIRROR, digest=True),
    Fact("first", "reads begin to work (12:26), against the end (13:54)", "169 / 257 min: 0.66", TIMES, digest=True),
    Fact("whole", "the index is whole (13:18), against the end", "221 / 257 min: 0.86", TIMES, digest=True),
    Fact("writes", "writes are back last: the placement starts when the index works", "13:54", TIMES, digest=True),
    Fact("grown", "the service has grown, and its restart takes longer than expected", "longer", TIMES, digest=True),
)  # fmt: skip


def access(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: two reads, then a write."""
    return HttpRequest("PUT" if index % 3 == 2 else "GET", "/object", rng.named("access", index))


def store(env: Env) -> web.Application:
    """GET, PUT /object. Asks the index where it is; a write then asks the placement for room."""
    caller = Caller(env)

    async def touch(request: web.Request) -> web.Response:
        name = request.headers["X-Request-Id"]
        status = await caller.call("index", "/", name)
        if status == 200 and request.method == "PUT":
            status = await caller.call("placement", "/", name)
        return web.Response(status=status)

    return application(web.get("/object", touch), web.put("/object", touch), lifespan=caller.lifespan)


def index(env: Env) -> web.Application:
    """GET /: where an object is, if enough servers are up. GET /whole: is the index whole?

    Settings: `floor`, servers leave one per second, and none below LEAST; `data`, how much metadata there is.
    """
    up, whole = SERVERS, True

    async def remove(count: int) -> None:
        nonlocal up
        for _ in range(count):
            if env.settings["floor"]:
                await asyncio.sleep(1.0)
                if up == LEAST:
                    return
            up -= 1

    async def operate() -> None:
        nonlocal up, whole
        await env.until(REMOVED_S)
        env.signals.event(names.FAULT_ON, "index", f"remove {TYPED}")
        await remove(TYPED)
        if up < LEAST:
            up, whole = 0, False
            for _ in range(SERVERS // AT_A_TIME):
                await asyncio.sleep(LOAD_EACH_S * env.settings["data"])
                up += AT_A_TIME
            whole = True
        env.signals.event(names.FAULT_OFF, "index", f"remove {TYPED}")

    async def where(request: web.Request) -> web.Response:
        return web.Response(status=200 if up >= LEAST else 503)

    async def is_whole(request: web.Request) -> web.Response:
        return web.Response(status=200 if whole else 503)

    return application(web.get("/", where), web.get("/whole", is_whole), background=[operate])


def placement(env: Env) -> web.Application:
    """GET /: room for an object. It loses its state with the index, and starts again when the index is whole."""
    ready, caller = True, Caller(env)

    async def follow() -> None:
        nonlocal ready
        while True:
            whole = await caller.call("index", "/whole") == 200
            if whole and not ready:
                await asyncio.sleep(PLACEMENT_S * env.settings["data"])
            ready = whole
            await asyncio.sleep(0.1)

    async def room(request: web.Request) -> web.Response:
        return web.Response(status=200 if ready else 503)

    return application(web.get("/", room), lifespan=caller.lifespan, background=[follow])


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """When reads and writes came back, and how the time grows with the data."""
    run, half = runs
    times = {way: [r.intended for r in run.requests() if r.endpoint.startswith(way) and not r.ok] for way in ("GET", "PUT")}
    reads, writes = (max(times[way], default=REMOVED_S) - REMOVED_S for way in ("GET", "PUT"))
    shorter = max((r.intended for r in half.requests() if not r.ok), default=REMOVED_S) - REMOVED_S
    if not times["GET"]:
        return {}
    whole = run.events(names.FAULT_OFF)[0].time - REMOVED_S
    failing = 1 - stats.success_rate(run, REMOVED_S + 0.5, REMOVED_S + reads - 0.5)
    return {
        "removed": Found(f"{TYPED} for {MEANT} removed; {failing:.0%} of the requests fail", failing > 0.99),
        "first": Found(f"{reads / writes:.2f}", alike(reads / writes, 0.66, 1.3)),
        "whole": Found(f"{whole / writes:.2f}", alike(whole / writes, 0.86, 1.15)),
        "writes": Found(f"{writes - whole:.1f} s after the index", writes > whole > reads),
        "grown": Found(f"{writes / shorter:.1f} x as long with twice the data", writes / shorter > 1.5),
    }


SETTINGS = {"floor": False, "data": DATA}
OUTAGE = Outage(
    title="S3, 28 February 2017: sixteen where one was meant",
    services=(
        Service("store", f"{__name__}:store", calls=("index", "placement")),
        Service("index", f"{__name__}:index"),
        Service("placement", f"{__name__}:placement", calls=("index",)),
    ),
    entry="store", request=access,
    load=((12.0, LOAD_S),), settings=SETTINGS, more=({"data": DATA / 2},),
    mended={"floor": True}, mending="the tool removes one server per second, and none below the least number",
    public=PUBLIC, shape=shape,
    left_out=(
        "how many servers were meant and removed: the numbers are ours",
        "the services that depend on S3, the dashboard of Amazon among them",
    ),
    chart={"noun": "request"},
)  # fmt: skip
