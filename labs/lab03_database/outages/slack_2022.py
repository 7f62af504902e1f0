"""Slack, 22 February 2022: a quarter of the cache is emptied a step; at the third, the database cannot fill it any more.

A client that starts asks for its channels: from the cache, or, on a miss, by a query that asks every shard. Each shard
answers one question at a time; a query that takes longer than TIMEOUT_S is given up, and fills nothing. At the seconds 4 and
14, in quiet hours, a quarter of the cache is emptied, and fills again. At second 24, at the peak, a third quarter is. From
second 29 on most starts are refused, if more than FEW queries were given up; at second 41 the limit is raised too fast; then
it is low again, and raised in steps.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, application, names, stats

USERS, SHARDS, SHARD_S, TIMEOUT_S, FEW = 72, 4, 0.25, 1.0, 5
QUIET, PEAK, STEPS, PEAK_FROM_S, LOAD_S = 6.0, 28.0, (4.0, 14.0, 24.0), 22.0, 64.0
LOAD = ((QUIET, PEAK_FROM_S), (PEAK, LOAD_S - PEAK_FROM_S))
ADMITTED = ((0.0, 1.0), (29.0, 0.05), (41.0, 1.0), (44.0, 0.05), (49.0, 0.35), (57.0, 0.6), (59.0, 1.0))
DIGEST = "https://failure-modes.dev/library/fm-011"
NOTES = "https://yfractal.github.io/distributed-systems/reliability/2022/05/02/slack-incident-reading-note.html"
INDEX = "https://postmortems.app/postmortem/a50e7b06-2f2c-4d13-a340-9a1e7eed59d7"

PUBLIC = (
    Fact("third", "two steps of 25 % went well; the third, at a busy hour, did not", "third of 25 %", DIGEST, digest=True),
    Fact("stays", "queries time out, so the cache does not fill", "until clients are throttled", INDEX, digest=True),
    Fact("again", "the limit is raised, and the database is overloaded again", "once", NOTES, digest=True),
    Fact("steps", "after that it is raised by small steps, and all is well", "9:14", NOTES, digest=True),
)  # fmt: skip


def start(index: int, rng: Draws) -> HttpRequest:
    """The i-th start of a client: of any user."""
    return HttpRequest("GET", f"/boot/{rng.randrange(USERS)}", rng.named("boot", index))


def web_tier(env: Env) -> web.Application:
    """GET /boot/N: a user's channels, cached. Settings: `shards`, how many of them a query asks after a miss."""
    rng = Random(f"nodes {env.seed}")
    cached = set(range(USERS))
    admitted, given_up = 1.0, 0
    caller = Caller(env)

    async def boot(request: web.Request) -> web.Response:
        nonlocal given_up
        user, name = int(request.match_info["user"]), request.headers["X-Request-Id"]
        if rng.random() > admitted:
            return web.Response(status=429)
        if user not in cached:
            asked = [(user + n) % SHARDS for n in range(env.settings["shards"])]
            try:
                async with asyncio.timeout(TIMEOUT_S):
                    await asyncio.gather(*(caller.call("database", f"/shard/{number}", name) for number in asked))
            except TimeoutError:
                given_up += 1
                return web.Response(status=504)
            cached.add(user)
        return web.Response(text="channels")

    async def empty() -> None:
        for step, at in enumerate(STEPS):
            await env.until(at)
            env.signals.event(names.FAULT_ON, "cache", f"step {step + 1}")
            cached.difference_update(range(step, USERS, 4))
            await asyncio.sleep(0.5)
            env.signals.event(names.FAULT_OFF, "cache", f"step {step + 1}")

    async def throttle() -> None:
        nonlocal admitted
        for at, share in ADMITTED:
            await env.until(at)
            admitted = share if given_up > FEW else 1.0

    return application(web.get("/boot/{user}", boot), lifespan=caller.lifespan, background=[empty, throttle])


def database(env: Env) -> web.Application:
    """GET /shard/N: what a shard knows of a user. One question at a time, also for one who has left."""
    turns = [asyncio.Semaphore(1) for _ in range(SHARDS)]

    async def ask(request: web.Request) -> web.Response:
        async with turns[int(request.match_info["shard"])]:
            await asyncio.sleep(SHARD_S)
        return web.Response(text="rows")

    return application(web.get("/shard/{shard}", ask))


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """The share of starts that work, of those that are not refused by the throttle, in each part of the story."""
    run = runs[0]

    def works(begin: float, end: float) -> float:
        asked = [r for r in stats.user_requests(run, begin, end) if r.status != 429]
        return sum(r.ok for r in asked) / len(asked) if asked else 1.0

    quiet, third, later = works(STEPS[0], STEPS[2]), works(STEPS[2] + 1, STEPS[2] + 3), works(STEPS[2] + 3, STEPS[2] + 5)
    low, raised, end = works(39.0, 41.0), works(41.5, 44.0), works(LOAD_S - 5, LOAD_S)
    down = third < 0.97
    return {
        "third": Found(f"{quiet:.0%} work after two steps, {third:.0%} after the third", quiet > 0.97 and third < 0.9),
        "stays": Found(f"{third:.0%} in the first seconds, {later:.0%} before the throttle", later < 0.9),
        "again": Found(f"{low:.0%} with the limit, {raised:.0%} after it was raised", down and raised < 0.95),
        "steps": Found(f"{end:.0%} in the last 5 s", down and end > 0.97),
    }


OUTAGE = Outage(
    title="Slack, 22 February 2022: the third quarter of the cache",
    services=(Service("web", f"{__name__}:web_tier", calls=("database",)), Service("database", f"{__name__}:database")),
    entry="web", request=start,
    load=LOAD, settings={"shards": SHARDS},
    mended={"shards": 1}, mending="the query asks the one shard that knows, so that a miss is a quarter of the work",
    public=PUBLIC, shape=shape,
    left_out=(
        "the weeks between the steps, and what emptied the cache: the control plane that replaced nodes by empty ones",
        "the change of the query and its replicas during the outage: here the throttle alone lets the cache fill",
        "the hours: the seconds of the throttle are ours",
    ),
    chart={"link": "web->database", "noun": "start", "capacity": SHARDS / SHARD_S},
)  # fmt: skip
