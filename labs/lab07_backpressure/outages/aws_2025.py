"""AWS us-east-1, 19 October 2025: an old plan written late and then deleted; afterwards work that comes too late.

One second here is about half an hour there. A planner makes a plan of addresses each second. Two enactors look whether it is
newer than the plan in use, and write it; plans of six generations ago are deleted. At second 4 one of them stops between its
look and its writing: six seconds later it writes plan 4 over plan 10, and the other deletes plan 4. The name has no address,
until a person writes one at second 16. Eighty machines need a lease, which their manager renews with the database behind
that name. Leases that ran out are made anew by one worker, LEASE_S each, and each such job has a limit of time: what is done
later is done for nothing, and begins again. At second 30 the manager is restarted, and its work throttled.
"""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import Sequence
from itertools import cycle
from random import Random

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names, stats

OLD, CLEANS_S, STOPS_S, STOPS_FOR_S, BY_HAND_S, THROTTLED_S, LOAD_S = 6, 0.7, 4.1, 6.5, 16.0, 30.0, 40.0
MACHINES, VALID_S, RENEW_S, LEASE_S, LIMIT_S = 80, 3.0, 2.0, 0.1, 2.0
ORIGINAL, DIGEST = "https://aws.amazon.com/message/101925", "https://failure-modes.dev/library/fm-020"
QUOTED = "https://lemmy.net.au/post/274171/890777"

PUBLIC = (
    Fact("empty", "a delayed enactor writes an old plan, the clean-up deletes it", "no addresses", DIGEST, True),
    Fact("by_hand", "the automation cannot mend the record", "by hand", DIGEST, True),
    Fact("collapse", "leases take longer than their limit: no progress", "congestive collapse", QUOTED, digest=True),
    Fact("long", "launches work from 10:37 on, the database from 2:40; begin 23:48", "649 / 172 min: 3.8", ORIGINAL),
)  # fmt: skip


def launch(index: int, rng: Draws) -> HttpRequest:
    """The i-th launch of an instance."""
    return HttpRequest("POST", "/launch", rng.named("launch", index))


def dns(env: Env) -> web.Application:
    """GET /name: 200 while the record has an address."""
    plans, in_use, newest, told = {0}, 0, 0, True

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

    async def late_enactor_then_a_person() -> None:
        nonlocal in_use
        await env.until(STOPS_S)
        if (plan := newest) >= in_use:
            await asyncio.sleep(STOPS_FOR_S)  # what it has looked at is out of date when it goes on
            in_use = plan
        await env.until(BY_HAND_S)
        in_use = newest

    async def name(request: web.Request) -> web.Response:
        nonlocal told
        there = in_use in plans
        if there is not told:
            told = there
            env.signals.event(names.FAULT_OFF if there else names.FAULT_ON, "name", "no address")
        return web.Response(status=200 if there else 404)

    return application(web.get("/name", name), background=[planner, enactor, late_enactor_then_a_person])


def manager(env: Env) -> web.Application:
    """POST /launch: on a machine with a lease. Settings: `bounded`, no job waits that cannot be done within its limit."""
    rng = Random(f"machines {env.seed}")
    valid_to, jobs = [VALID_S] * MACHINES, deque[tuple[float, int]]()
    reachable, bounded, caller = True, env.settings["bounded"], Caller(env)

    async def look() -> None:
        nonlocal reachable
        while True:
            reachable = await caller.call("dns", "/name") == 200
            await asyncio.sleep(0.25)

    async def renew() -> None:
        nonlocal bounded
        for machine in cycle(range(MACHINES)):
            now = env.signals.now()
            if now >= THROTTLED_S and not bounded:
                bounded = True
                jobs.clear()
            few = len(jobs) < LIMIT_S / LEASE_S - 2
            if reachable and valid_to[machine] > now:
                valid_to[machine] = now + VALID_S
            elif reachable and (few or not bounded):
                jobs.append((now, machine))
            await asyncio.sleep(RENEW_S / MACHINES)

    async def work() -> None:
        while True:
            while not jobs:  # noqa: ASYNC110 - one place looks, and the deque stays a deque
                await asyncio.sleep(0.02)
            begun, machine = jobs.popleft()
            await asyncio.sleep(LEASE_S)
            if env.signals.now() - begun <= LIMIT_S:
                valid_to[machine] = env.signals.now() + VALID_S
                env.signals.event("leased", f"machine-{machine}")

    async def launch(request: web.Request) -> web.Response:
        return web.Response(status=200 if valid_to[rng.randrange(MACHINES)] > env.signals.now() else 503)

    return application(web.post("/launch", launch), lifespan=caller.lifespan, background=[look, renew, work])


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """The time without a name, the leases made after it, and the launches."""
    run = runs[0]
    window = stats.fault_windows(run)[0]
    gone, since = window.end - window.start, window.start - STOPS_S
    before = sum(THROTTLED_S - 8 <= event.time < THROTTLED_S for event in run.events("leased"))
    stuck = stats.success_rate(run, THROTTLED_S - 4, THROTTLED_S)
    long = (max(r.intended for r in run.requests() if not r.ok) - window.start) / gone
    return {
        "empty": Found(f"empty {since:.0f} s after an enactor stopped", STOPS_FOR_S <= since < BY_HAND_S - STOPS_S),
        "by_hand": Found(f"back at second {window.end:.1f}, by hand at {BY_HAND_S:.0f}", 0 <= window.end - BY_HAND_S < 0.5),
        "collapse": Found(f"{before} leases in 8 s, {stuck:.0%} of the launches work", stuck < 0.5),
        "long": Found(f"{long:.1f} x the time without a name", alike(long, 3.8, 1.5)),
    }


OUTAGE = Outage(
    title="AWS us-east-1, 19 October 2025: the old plan, and leases that come too late",
    services=(Service("manager", f"{__name__}:manager", calls=("dns",)), Service("dns", f"{__name__}:dns")),
    entry="manager", request=launch, load=((15.0, LOAD_S),), settings={"bounded": False}, mended={"bounded": True},
    mending="work is taken only as far as it can be done within its limit",
    public=PUBLIC, shape=shape,
    left_out=(
        "the load balancers, their health checks, and all that depends on new instances",
        "the database itself: only its name is asked for; and the seconds at which people came are ours",
    ),
    chart={"noun": "instance"},
)  # fmt: skip
