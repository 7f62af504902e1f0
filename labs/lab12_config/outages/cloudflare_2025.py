"""Cloudflare, 18 November 2025: a generated file that is good or bad with each making, and a reader that takes it as it is.

One second here is five minutes there. Each second a query on one of six database nodes makes the feature file anew; a node
that has got the change answers duplicate rows. The proxy reads the file, has room for 200 features, and fails each request
while it holds a larger one. At second 46 a good file is put in by hand, and no new one is made.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from itertools import groupby
from random import Random

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names

MAKING_S, LIMIT, FEATURES, DUPLICATED = 1.0, 200, 60, 240
CHANGE_S, NODES, NODE_EACH_S, BY_HAND_S, LOAD_S = 5.0, 6, 3.0, 46.0, 54.0
READS_EACH_S = 0.1
BLOG_QUOTED = "https://news.cgast.org/news/34804"
TRANSLATED = "https://vonng.com/en/cloud/cf-ck-down"
TIMELINE = "https://everywan.com/en/blog/cloudflare-global-outage-november-18-2025"

PUBLIC = (
    Fact("step", "a new file comes in fixed steps, good or bad, and the errors come and go with it",
         "every 5 min", BLOG_QUOTED, digest=True),
    Fact("stays", "in the end every node makes the bad file, and the errors stay",
         "no more fluctuation", BLOG_QUOTED, digest=True),
    Fact("begins", "from the change (11:05) to the first errors (11:20)", "15 min: 3 files", TIMELINE, digest=True),
    Fact("lasts", "from the first errors (11:20) to the core back (14:30)", "190 min: 38 files", TRANSLATED, digest=True),
)  # fmt: skip


def proxy_request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request of a visitor."""
    return HttpRequest("GET", "/", rng.named("visit", index))


def generator(env: Env) -> web.Application:
    """GET /features: the number of features in the present file. Every MAKING_S it is made on a node drawn at random."""
    rng = Random(f"nodes {env.seed}")
    features = FEATURES

    async def make() -> None:
        nonlocal features
        for number in range(int(BY_HAND_S / MAKING_S)):
            at = number * MAKING_S
            await env.until(at)
            changed = min(NODES, max(0, int((at - CHANGE_S + NODE_EACH_S) / NODE_EACH_S)))
            features = DUPLICATED if rng.randrange(NODES) < changed else FEATURES
        await env.until(BY_HAND_S)
        features = FEATURES
        env.signals.event(names.FAULT_OFF, "database", "changed permissions")

    async def change() -> None:
        await env.until(CHANGE_S)
        env.signals.event(names.FAULT_ON, "database", "changed permissions")

    async def current(request: web.Request) -> web.Response:
        return web.json_response({"features": features})

    return application(web.get("/features", current), background=[make, change])


def proxy(env: Env) -> web.Application:
    """GET /: a visitor's request, scored with the features. Settings: `refuses`, a file that is too large is not taken."""
    features = FEATURES
    caller = Caller(env)

    async def reread() -> None:
        nonlocal features
        while True:
            _, file = await caller.read("generator", "/features")
            if not (env.settings["refuses"] and file["features"] > LIMIT):
                features = file["features"]
            await asyncio.sleep(READS_EACH_S)

    async def visit(request: web.Request) -> web.Response:
        room = [0.0] * LIMIT
        for feature in range(features):
            room[feature] = 1.0  # the IndexError is the unhandled error of 2025
        return web.Response(text="page")

    return application(web.get("/", visit), lifespan=caller.lifespan, background=[reread])


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """The spells of errors and of answers, in files."""
    visits = sorted(runs[0].requests(), key=lambda r: r.intended)
    spells = [(ok, [r.intended for r in group]) for ok, group in groupby(visits, key=lambda r: r.ok)]
    turns = [times[0] for _, times in spells[1:]]
    off = max((abs(turn / MAKING_S - round(turn / MAKING_S)) for turn in turns), default=1.0)
    bad = [times for ok, times in spells if not ok]
    if not bad:
        return {}
    begins, ends = (bad[0][0] - CHANGE_S) / MAKING_S, (bad[-1][-1] - bad[0][0]) / MAKING_S
    last = (bad[-1][-1] - bad[-1][0]) / MAKING_S
    longest = max(((times[-1] - times[0]) / MAKING_S for times in bad[:-1]), default=0.0)
    return {
        "step": Found(f"{len(bad)} spells of errors; each turn within {off:.2f} of a file", len(bad) > 1 and off < 0.25),
        "stays": Found(f"the last spell {last:.0f} files, the longest before {longest:.0f}", last > 2 * longest),
        "begins": Found(f"{begins:.1f} files", alike(max(begins, 0.01), 3)),
        "lasts": Found(f"{ends:.0f} files", alike(ends, 38)),
    }


OUTAGE = Outage(
    title="Cloudflare, 18 November 2025: a file made anew every five minutes, good or bad",
    services=(
        Service("proxy", f"{__name__}:proxy", calls=("generator",)),
        Service("generator", f"{__name__}:generator"),
    ),
    entry="proxy", request=proxy_request,
    load=((20.0, LOAD_S),), settings={"refuses": False},
    mended={"refuses": True},
    mending="a generated file is checked like input: one that is too large is refused, and the last good one stays",
    public=PUBLIC, shape=shape,
    left_out=(
        "the query itself: a node with the change here answers 240 rows",
        "one proxy for a network of thousands, and no older proxy that scores wrongly in place of failing",
        "what was down with it (Workers KV, Access, the dashboard), and the slow end until 17:06",
        "the search for the cause: an attack was suspected, because errors came and went",
    ),
    chart={"noun": "visit"},
)  # fmt: skip
