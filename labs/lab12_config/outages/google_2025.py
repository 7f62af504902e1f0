"""Google Cloud, 12 June 2025: blank fields crash the checker of every region; then the restarts are a herd.

One second here is twenty minutes there. Four regions check each request in tasks of their own, three small ones and a large
one. At second 4 a policy with blank fields reaches the stores of all regions. A task that reads it crashes, and again
after each restart. At second 6 the new code path is switched off. Each task then reads all policies from the
store of its region, waits READ_WAIT_S for the answer, and tries again after RETRY_S: all tasks of a region in step.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names, stats

REGIONS = {"small-1": 6, "small-2": 6, "small-3": 6, "large": 100}
BLANK_S, SWITCH_S, LOAD_S = 4.0, 6.0, 18.0
STORE_S, READ_WAIT_S, RETRY_S = 0.02, 0.5, 1.5
QUOTED = "https://a.stacker.news/items/1006306"
DIGEST = (
    "https://www.besthub.dev/articles/what-caused-google-cloud-s-massive-june-2025-outage-and-what-we-can-learn-44cd2ed292a4"
)

PUBLIC = (
    Fact("everywhere", "the policy is copied to all regions, and the checker crashes in each", "within seconds", QUOTED,
         digest=True),
    Fact("switch", "the code path is switched off, and smaller regions are back", "after 40 min", DIGEST, digest=True),
    Fact("herd", "the largest region is back; the restarted tasks overload their store", "after 2 h 40 min: 4 x", QUOTED,
         digest=True),
)  # fmt: skip


def call(index: int, rng: Draws) -> HttpRequest:
    """The i-th request, to one region after the other."""
    return HttpRequest("GET", f"/{list(REGIONS)[index % len(REGIONS)]}", rng.named("call", index))


def checkers(env: Env) -> web.Application:
    """GET /REGION: allowed if the task that gets the request is up. Settings: `jitter`, restarts and retries are spread."""
    rng, jitter = Random(f"tasks {env.seed}"), env.settings["jitter"]
    up: dict[str, list[bool]] = {region: [True] * size for region, size in REGIONS.items()}
    caller = Caller(env)

    async def policies(region: str) -> None:
        """Read the policies of a region, again and again until it works."""
        pause = RETRY_S
        while not await caller.call("store", f"/{region}", wait_s=READ_WAIT_S):
            await asyncio.sleep(rng.uniform(0, pause) if jitter else RETRY_S)
            pause *= 2

    async def task(region: str, number: int) -> None:
        await env.until(BLANK_S)
        up[region][number] = False
        await env.until(SWITCH_S)  # until then it crashes, is started again, reads, and crashes again
        await asyncio.sleep(rng.uniform(0, REGIONS[region] * STORE_S) if jitter else 0)
        await policies(region)
        up[region][number] = True

    async def run_tasks() -> None:
        async with asyncio.TaskGroup() as group:
            for region, size in REGIONS.items():
                for number in range(size):
                    group.create_task(task(region, number))

    async def story() -> None:
        await env.until(BLANK_S)
        env.signals.event(names.FAULT_ON, "checkers", "blank fields")
        await env.until(SWITCH_S)
        env.signals.event(names.FAULT_OFF, "checkers", "blank fields")

    async def allowed(request: web.Request) -> web.Response:
        tasks = up[request.match_info["region"]]
        return web.Response(status=200 if rng.choice(tasks) else 503)

    return application(web.get("/{region}", allowed), lifespan=caller.lifespan, background=[run_tasks, story])


def store(env: Env) -> web.Application:
    """GET /REGION: all policies of a region. Each region has a store of its own, which reads for one task at a time."""
    turns = {region: asyncio.Semaphore(1) for region in REGIONS}

    async def read(request: web.Request) -> web.Response:
        async with turns[request.match_info["region"]]:
            await asyncio.sleep(STORE_S)
        return web.json_response({"quota": ""})

    return application(web.get("/{region}", read))


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """When each region failed and was back, in units of the time until the switch."""
    run, to_switch = runs[0], SWITCH_S - BLANK_S
    failed, back = {}, {}
    for region in REGIONS:
        bad = [r.intended for r in stats.user_requests(run) if r.endpoint.endswith(region) and not r.ok]
        failed[region], back[region] = min(bad) - BLANK_S, max(bad) - BLANK_S
    small = max(time for region, time in back.items() if region != "large") / to_switch
    large, first = back["large"] / to_switch, max(failed.values()) / to_switch
    return {
        "everywhere": Found(f"all {len(failed)} regions within {first:.2f} of the time to the switch", first < 0.25),
        "switch": Found(f"the last small region after {small:.1f} of that time", alike(small, 1, 1.5)),
        "herd": Found(f"after {large:.1f} x that time", alike(large, 4, 1.5)),
    }


OUTAGE = Outage(
    title="Google Cloud, 12 June 2025: blank fields in every region, then a herd of restarts",
    services=(
        Service("checkers", f"{__name__}:checkers", calls=("store",)),
        Service("store", f"{__name__}:store"),
    ),
    entry="checkers", request=call,
    load=((30.0, LOAD_S),), settings={"jitter": False},
    mended={"jitter": True}, mending="restarts and retries are spread by a random time that grows with each attempt",
    public=PUBLIC, shape=shape,
    left_out=(
        "the crash itself: a task is marked as down, for a process that ends would end the run",
        "throttling by hand, by which the largest region was relieved: here the herd wears itself out",
        "the rollout of the code two weeks before, region by region, in which its path was never taken",
        "the products with backlogs of their own",
    ),
    chart={"link": "checkers->store", "noun": "call"},
)  # fmt: skip
