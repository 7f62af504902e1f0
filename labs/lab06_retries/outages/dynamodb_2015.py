"""DynamoDB, 20 September 2015: answers had grown, a short break makes all ask at once, and the cure waits for a pause.

Sixty storage servers hold a membership each, which they renew with the metadata service. At second 5 the network breaks for
half a second, and almost half of them, which saw the break, ask again at once. The metadata service answers one at a time. A
server that waits longer than its limit takes itself out of service and asks again at once; its old question is answered for
nobody. From second 8 on an operator tries to add capacity: his call waits in the same queue, with a limit of its own. At
second 24 requests from servers are held at the door; the call gets through; at second 32 the servers may ask again.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names, stats

SERVERS, SAW_IT, RENEW_S = 60, 0.45, 60.0
BREAK_S, BREAK_FOR_S, TRIES_FROM_S, PAUSE_S, OPEN_S, LOAD_S = 5.0, 0.5, 8.0, 24.0, 32.0, 40.0
ASKED_S, ADDED_TIMES, ADMIN_WAIT_S = 0.06, 8, 1.0
DIGEST = "https://postmortems.app/postmortem/9abb2c8e-c33c-45ea-8699-4ae61f00830e"

PUBLIC = (
    Fact("trigger", "a brief network disruption (2:19); the outage lasts until 7:10", "291 min", DIGEST, True),
    Fact("errors", "share of customer requests that fail at the peak (2:37)", "55 %", DIGEST, digest=True),
    Fact("locked_out", "capacity cannot be added before requests are paused (5:06)", "only after it", DIGEST, digest=True),
    Fact("cure", "nothing gets well before the pause; all does with the capacity", "5:06 to 7:10", DIGEST, digest=True),
)  # fmt: skip


def read(index: int, rng: Draws) -> HttpRequest:
    """The i-th request of a customer, to one of the servers."""
    return HttpRequest("GET", f"/item/{rng.randrange(SERVERS)}", rng.named("read", index))


def storage(env: Env) -> web.Application:
    """GET /item/N: 200 if server N holds a membership. Settings: `wait_s`, its limit; `again_s`, until it asks again."""
    rng = Random(f"servers {env.seed}")
    member = [True] * SERVERS
    caller = Caller(env)

    async def post(path: str, wait_s: float) -> bool:
        return await caller.call("metadata", path, method="POST", wait_s=wait_s) == 200

    async def keep(number: int) -> None:
        if rng.random() < SAW_IT:
            await env.until(BREAK_S + BREAK_FOR_S)
        else:
            await env.until(BREAK_S + rng.uniform(0, RENEW_S))
        while not await post(f"/member-{number}", env.settings["wait_s"]):
            member[number] = False
            await asyncio.sleep(rng.uniform(0.5, 1.5) * env.settings["again_s"])
        member[number] = True

    async def operate() -> None:
        await env.until(TRIES_FROM_S)
        while not (await post("/plan", ADMIN_WAIT_S) and await post("/capacity", ADMIN_WAIT_S)):
            env.signals.event("admin call", "metadata", "failed")
        env.signals.event("admin call", "metadata", "done")

    async def run_servers() -> None:
        async with asyncio.TaskGroup() as group:
            for number in range(SERVERS):
                group.create_task(keep(number))

    async def item(request: web.Request) -> web.Response:
        return web.Response(status=200 if member[int(request.match_info["server"])] else 503)

    return application(web.get("/item/{server}", item), lifespan=caller.lifespan, background=[run_servers, operate])


def metadata(env: Env) -> web.Application:
    """POST /member-N: a membership; /plan, then /capacity: more capacity. One queue for both, one answer at a time."""
    turn = asyncio.Semaphore(1)
    each_s, paused = ASKED_S, False

    async def ask(request: web.Request) -> web.Response:
        nonlocal each_s
        async with turn:
            refused = paused and request.path.startswith("/member")
            await asyncio.sleep(0 if refused else each_s)
        if refused:
            await asyncio.sleep(ADMIN_WAIT_S)  # no answer comes before the server has given up
        if request.path == "/capacity":
            each_s = ASKED_S / ADDED_TIMES
        return web.Response(text="ok")

    async def story() -> None:
        nonlocal paused
        await env.until(BREAK_S)
        env.signals.event(names.FAULT_ON, "network", "break")
        await env.until(BREAK_S + BREAK_FOR_S)
        env.signals.event(names.FAULT_OFF, "network", "break")
        await env.until(PAUSE_S)
        if each_s < ASKED_S:
            return
        paused = True
        env.signals.event(names.FAULT_ON, "metadata", "paused")
        await env.until(OPEN_S)
        paused = False
        env.signals.event(names.FAULT_OFF, "metadata", "paused")

    return application(web.post("/{what}", ask), background=[story])


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """The peak of errors, the operator's calls, and the time until all is well."""
    run = runs[0]
    ends = [r.intended for r in stats.user_requests(run) if not r.ok]
    if not ends:
        return {}
    last = max(ends) - BREAK_S
    peak = max(1 - stats.success_rate(run, second, second + 2) for second in range(int(LOAD_S) - 2))
    calls = run.events("admin call")
    failed, done = sum(e.detail == "failed" for e in calls), [e.time for e in calls if e.detail == "done"]
    least = min(1 - stats.success_rate(run, second, second + 4) for second in range(int(BREAK_S) + 3, int(PAUSE_S) - 4))
    cure = last + BREAK_S - PAUSE_S
    only = bool(done) and done[0] > PAUSE_S and failed > 1
    return {
        "trigger": Found(
            f"a break of {BREAK_FOR_S} s, errors for {last:.0f} s: {last / BREAK_FOR_S:.0f} x", last > 10 * BREAK_FOR_S
        ),
        "errors": Found(f"{peak:.0%}", alike(peak, 0.55, 1.5)),
        "locked_out": Found(
            f"{failed} calls failed; done at second {min(done, default=0):.0f}, paused at {PAUSE_S:.0f}", only
        ),
        "cure": Found(
            f"at least {least:.0%} fail until the pause; well {cure:.0f} s after it", least > peak / 3 and cure < 14
        ),
    }


OUTAGE = Outage(
    title="DynamoDB, 20 September 2015: the cure is admitted only after the pause",
    services=(
        Service("storage", f"{__name__}:storage", calls=("metadata",)), Service("metadata", f"{__name__}:metadata"),
    ),
    entry="storage", request=read, load=((20.0, LOAD_S),), settings={"wait_s": 0.6, "again_s": 0.1},
    mended={"wait_s": 4.0, "again_s": 2.0},
    mending="servers ask less often, and wait longer for the answer",
    public=PUBLIC, shape=shape,
    left_out=(
        "how the answers grew: here one takes 60 ms from the start; and the services that depend on DynamoDB",
        "when to pause: the second is ours; that nothing is well before it, and all soon after, is the run's",
    ),
    chart={"link": "storage->metadata", "noun": "read", "capacity": 1 / ASKED_S},
)  # fmt: skip
