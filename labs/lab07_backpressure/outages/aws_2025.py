"""AWS us-east-1, 19 October 2025: an old plan written late and then deleted; afterwards the leases are work that comes too late.

One second here is about half an hour there. A planner makes a plan of addresses each second. Two enactors look whether a plan
is newer than the one in use, and write it; then the plans of six generations ago are deleted. At second 4 one of them stops
between its look and its writing: six seconds later it writes plan 4 over plan 10, and the other deletes plan 4. The name has no
address, until a person writes one at second 16. Sixty machines need a lease, which their manager renews with the database
behind that name. Leases that have run out are made anew by one worker, LEASE_S each, and each such job has a limit of time:
what is done later is done for nothing, and begins again. At second 30 the manager is restarted, and its work throttled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from random import Random

from aiohttp import web

from labs.kit import (
    Caller,
    Draws,
    Env,
    Fact,
    Found,
    HttpRequest,
    Outage,
    Phase,
    Run,
    Scenario,
    Service,
    alike,
    application,
    names,
    stats,
)

OLD, CLEANS_S, STOPS_S, STOPS_FOR_S, BY_HAND_S, THROTTLED_S, LOAD_S = 6, 0.7, 4.1, 6.5, 16.0, 30.0, 40.0
MACHINES, VALID_S, RENEW_S, LEASE_S, LIMIT_S = 60, 3.0, 2.0, 0.1, 2.0
ORIGINAL = "https://aws.amazon.com/message/101925"
DIGEST = "https://failure-modes.dev/library/fm-020"
QUOTED = "https://lemmy.net.au/post/274171/890777"

PUBLIC = (
    Fact("empty", "a delayed enactor writes an old plan, the clean-up deletes it", "no addresses", DIGEST, digest=True),
    Fact("by_hand", "the automation cannot mend the record", "by hand", DIGEST, digest=True),
    Fact("collapse", "leases take longer than their limit: no progress after the name is back", "congestive collapse", QUOTED,
         digest=True),
    Fact("long", "from the begin (23:48) to launches that work (10:37), against the name (2:40)", "649 / 172 min: 3.8", ORIGINAL),
)  # fmt: skip


def launch(index: int, rng: Draws) -> HttpRequest:
    """The i-th launch of an instance."""
    return HttpRequest("POST", "/launch", rng.named("launch", index))


def dns(env: Env) -> web.Application:
    """GET /name: 200 while the record has an address."""
    plans, in_use, newest = {0}, 0, 0
    told = True

    async def planner() -> None:
        nonlocal newest
        while True:
            await env.until(newest + 1)
            newest += 1
            plans.add(newest)

    async def enactor() -> None:
        nonlocal in_use
        while True:
            await asyncio.sleep(0.2)
            if (plan := newest) > in_use and in_use in plans:  # it does not touch a record that it does not understand
                in_use = plan
                await asyncio.sleep(CLEANS_S)
                plans.difference_update(range(plan - OLD + 1))

    async def late_enactor() -> None:
        nonlocal in_use
        await env.until(STOPS_S)
        if (plan := newest) >= in_use:
            await asyncio.sleep(STOPS_FOR_S)  # what it has looked at is out of date when it goes on
            in_use = plan

    async def person() -> None:
        nonlocal in_use
        await env.until(BY_HAND_S)
        in_use = newest

    async def name(request: web.Request) -> web.Response:
        nonlocal told
        there = in_use in plans
        if there is not told:
            told = there
            env.signals.event(names.FAULT_OFF if there else names.FAULT_ON, "name", "no address")
        return web.Response(status=200 if there else 404)

    return application(web.get("/name", name), background=[planner, enactor, late_enactor, person])


def manager(env: Env) -> web.Application:
    """POST /launch: on a machine with a lease. Settings: `bounded`, no job waits that cannot be done within its limit."""
    rng = Random(f"machines {env.seed}")
    valid_to = [VALID_S] * MACHINES
    jobs: deque[tuple[float, int]] = deque()
    reachable, throttled = True, False
    caller = Caller(env)

    async def look() -> None:
        nonlocal reachable
        while True:
            reachable = await caller.call("dns", "/name") == 200
            await asyncio.sleep(0.25)

    async def renew(machine: int) -> None:
        await asyncio.sleep(rng.uniform(0, RENEW_S / 2))
        while True:
            now = env.signals.now()
            if reachable and valid_to[machine] > now:
                valid_to[machine] = now + VALID_S
            elif reachable:
                few = len(jobs) < LIMIT_S / LEASE_S - 2
                if few or not (env.settings["bounded"] or throttled):
                    jobs.append((now, machine))
            await asyncio.sleep(RENEW_S)

    async def work() -> None:
        while True:
            if not jobs:
                await asyncio.sleep(0.02)
                continue
            begun, machine = jobs.popleft()
            await asyncio.sleep(LEASE_S)
            if env.signals.now() - begun <= LIMIT_S:
                valid_to[machine] = env.signals.now() + VALID_S
                env.signals.event("leased", f"machine-{machine}")

    async def throttle() -> None:
        nonlocal throttled
        await env.until(THROTTLED_S)
        jobs.clear()
        throttled = True

    async def launch(request: web.Request) -> web.Response:
        return web.Response(status=200 if valid_to[rng.randrange(MACHINES)] > env.signals.now() else 503)

    async def renew_all() -> None:
        async with asyncio.TaskGroup() as group:
            for machine in range(MACHINES):
                group.create_task(renew(machine))

    return application(web.post("/launch", launch), lifespan=caller.lifespan, background=[look, renew_all, work, throttle])


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """The time without a name, the leases made after it, and the launches."""
    run = runs[0]
    window = stats.fault_windows(run)[0]
    gone = window.end - window.start
    leased = [e.time for e in run.events("leased")]
    stuck = stats.success_rate(run, THROTTLED_S - 4, THROTTLED_S)
    before = len([time for time in leased if THROTTLED_S - 8 <= time < THROTTLED_S])
    long = (max(r.intended for r in run.requests() if not r.ok) - window.start) / gone
    return {
        "empty": Found(
            f"no address {window.start - STOPS_S:.0f} s after an enactor stopped", STOPS_S < window.start < BY_HAND_S
        ),
        "by_hand": Found(f"back at second {window.end:.1f}, by hand at {BY_HAND_S:.0f}", 0 <= window.end - BY_HAND_S < 0.5),
        "collapse": Found(f"{before} leases in 8 s, {stuck:.0%} of the launches work", stuck < 0.5),
        "long": Found(f"{long:.1f} x the time without a name", alike(long, 3.8, 1.5)),
    }


OUTAGE = Outage(
    title="AWS us-east-1, 19 October 2025: the old plan, and leases that come too late",
    services=(Service("manager", f"{__name__}:manager", calls=("dns",)), Service("dns", f"{__name__}:dns")),
    entry="manager", request=launch,
    scenarios=(Scenario("aws_2025", (Phase(15.0, LOAD_S),), (), {"bounded": False}, settle_s=1.0),),
    mended={"bounded": True}, mending="work is let in only as far as it can be done within its limit",
    public=PUBLIC, shape=shape,
    left_out=(
        "the load balancers, their health checks, and all that depends on new instances",
        "the database itself: only its name is asked for",
        "the seconds at which people came: they are ours",
    ),
    chart={"link": "load->manager", "noun": "launch"},
)  # fmt: skip
