"""OpenAI, 11 December 2024: what overloads the control plane is seen by users only when cached names run out.

One second here is five minutes there. Three clusters: one for tests with 5 nodes, one small with 15, one large with 60. At
second 6 a telemetry service goes to the test cluster, and, as no request fails there, to all others at second 8. On each
node it asks the control plane for a list, whose cost grows with the size of the cluster. The same control plane answers
names; a node keeps a name for TTL_S, and fails all requests when it has none. From second 12 on an operator tries to take
the telemetry back, through the control plane. At second 28 its access is blocked from outside.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from aiohttp import web

from labs.kit import Caller, Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names, stats

NODES = {"test": 5, "small": 15, "large": 60}
TEST_S, WATCHED_S, BACK_FROM_S, BLOCKED_S, LOAD_S = 6.0, 2.0, 12.0, 28.0, 36.0
TTL_S, AHEAD, ASKS_EACH_S, NAME_S, LIST_EACH_S, WAIT_S = 4.0, 0.8, 3.0, 0.002, 0.0025, 0.5
ORIGINAL = "https://status.openai.com/incidents/ctrsv3lwd797"
QUOTED = "https://simonwillison.net/2024/Dec/13/openai-postmortem"
DIGEST = "https://dev.to/techlogstack/openai-deployed-a-tool-to-monitor-kubernetes-and-it-took-down-all-of-kubernetes-adh"

PUBLIC = (
    Fact("tested", "the test did not show it: the cost grows with the cluster", "large clusters only", ORIGINAL),
    Fact("first", "from the deployment (15:12) to the first effects (15:16)", "4 min; names are kept 20: 0.2", ORIGINAL),
    Fact("late", "services begin to fail as cached names expire", "over 20 min", QUOTED, digest=True),
    Fact("locked_out", "the change cannot be taken back without the control plane", "locked out", DIGEST, digest=True),
    Fact("blocked", "with its access blocked the control plane recovers, and all is well", "19:38", ORIGINAL),
)  # fmt: skip


def ask(index: int, rng: Draws) -> HttpRequest:
    """The i-th request, to one cluster after the other."""
    return HttpRequest("GET", f"/{list(NODES)[index % len(NODES)]}", rng.named("ask", index))


def clusters(env: Env) -> web.Application:
    """GET /CLUSTER: answered by a node that has a name. Settings: `watches_plane`, at each step of the rollout."""
    rng = Random(f"clusters {env.seed}")
    expires = {cluster: [rng.uniform(0, TTL_S) for _ in range(size)] for cluster, size in NODES.items()}
    telemetry, caller = set[str](), Caller(env)

    async def asks(path: str) -> bool:
        return await caller.call("plane", path, wait_s=WAIT_S) == 200

    async def resolve(cluster: str, node: int) -> None:
        await env.until(AHEAD * expires[cluster][node])
        while True:
            if done := await asks(f"/{cluster}/name"):
                expires[cluster][node] = env.signals.now() + TTL_S
            await asyncio.sleep(AHEAD * TTL_S if done else TTL_S / 4)

    async def report(cluster: str) -> None:
        await asyncio.sleep(rng.uniform(0, ASKS_EACH_S / 4))
        while cluster in telemetry:
            await asks(f"/{cluster}/list")
            await asyncio.sleep(ASKS_EACH_S)

    async def story(group: asyncio.TaskGroup) -> None:
        await env.until(TEST_S)
        for cluster in NODES:
            env.signals.event("deploy", cluster)
            telemetry.add(cluster)
            for _ in range(NODES[cluster]):
                group.create_task(report(cluster))
            if cluster == "test" or env.settings["watches_plane"]:
                await asyncio.sleep(WATCHED_S)
            if env.settings["watches_plane"] and not await asks(f"/{cluster}/name"):
                telemetry.clear()
                return
        env.signals.event(names.FAULT_ON, "plane", "telemetry")
        await env.until(BACK_FROM_S)
        while telemetry and env.signals.now() < BLOCKED_S:
            done = await asks("/large/name")
            env.signals.event("rollback", "large", "done" if done else "failed")
            if done:
                telemetry.clear()
            await asyncio.sleep(1.0)
        telemetry.clear()
        env.signals.event(names.FAULT_OFF, "plane", "telemetry")

    async def run_nodes() -> None:
        async with asyncio.TaskGroup() as group:
            for cluster, size in NODES.items():
                for node in range(size):
                    group.create_task(resolve(cluster, node))
            group.create_task(story(group))

    async def serve(request: web.Request) -> web.Response:
        known = rng.choice(expires[request.match_info["cluster"]]) > env.signals.now()
        return web.Response(status=200 if known else 503)

    return application(web.get("/{cluster}", serve), lifespan=caller.lifespan, background=[run_nodes])


def plane(env: Env) -> web.Application:
    """GET /CLUSTER/name and /CLUSTER/list: one control plane for each cluster, which answers one call at a time."""
    turns = {cluster: asyncio.Semaphore(1) for cluster in NODES}

    async def call(request: web.Request) -> web.Response:
        cluster, what = request.match_info["cluster"], request.match_info["what"]
        async with turns[cluster]:
            if what == "list" and env.signals.now() > BLOCKED_S:
                return web.Response(status=403)
            await asyncio.sleep(NAME_S if what == "name" else LIST_EACH_S * NODES[cluster])
        return web.Response(text="ok")

    return application(web.get("/{cluster}/{what}", call))


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """Errors by cluster, and when they begin, spread and end."""
    run = runs[0]
    deployed = [e.time for e in run.events("deploy")]
    bad = {c: [r.intended for r in run.requests() if r.endpoint.endswith(c) and not r.ok] for c in NODES}
    if not bad["large"]:
        return {}
    first = (bad["large"][0] - deployed[-1]) / TTL_S
    big = [r for r in stats.user_requests(run) if r.endpoint.endswith("large")]
    ok = [r.intended for r in big if r.ok and deployed[-1] < r.intended < BLOCKED_S]
    spread, calls = (stats.percentile(ok, 95) - deployed[-1]) / TTL_S, [e.detail for e in run.events("rollback")]
    end = max(bad["large"])
    return {
        "tested": Found(f"{len(bad['test'])} errors in the test cluster, {len(bad['large'])} in the large", not bad["test"]),
        "first": Found(f"{first:.2f} of the cache's time", alike(max(first, 0.001), 0.2)),
        "late": Found(f"95 % of the last answers within {spread:.1f} x the cache's time", alike(spread, 1, 2)),
        "locked_out": Found(
            f"{calls.count('failed')} of {len(calls)} attempts fail", calls[1:] != [] and "done" not in calls
        ),
        "blocked": Found(f"blocked at second {BLOCKED_S:.0f}, last error at {end:.1f}", 0 < end - BLOCKED_S < 6),
    }


OUTAGE = Outage(
    title="OpenAI, 11 December 2024: cached names hide the overload until it is everywhere",
    services=(Service("clusters", f"{__name__}:clusters", calls=("plane",)), Service("plane", f"{__name__}:plane")),
    entry="clusters", request=ask, load=((15.0, LOAD_S),), settings={"watches_plane": False}, mended={"watches_plane": True},
    mending="cluster by cluster, by size, each watched at the control plane itself, not at the requests of users",
    public=PUBLIC, shape=shape,
    left_out=(
        "Kubernetes: a control plane here is one queue for each cluster",
        "smaller clusters, and more servers for the control plane, the other ways by which it was relieved",
        "the length of the outage: the second of the block is ours",
    ),
    chart={"link": "clusters->plane", "noun": "request"},
)  # fmt: skip
