"""Kinesis, 25 November 2020: each server holds a thread for each other server, and a few more servers are too many for all.

One second here is about half an hour there. Sixty front-end servers know each other by one thread a peer, of which the
system allows 63 a server. From second 4 to 6 six more are added; a server learns of a new one within two seconds. A server
over its limit can no longer build its map of shards, and uses the old one until that is out of date: then it can route
nothing. At second 18 the new servers are removed, and all others are restarted, a few at a time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from random import Random

from aiohttp import web

from labs.kit import Draws, Env, Fact, Found, HttpRequest, Outage, Run, Service, alike, application, names, stats

ADDED_S, ADDING_S, LEARNS_S, REBUILD_S, STALE_S = 4.0, 2.0, 2.0, 1.0, 2.5
REMOVED_S, START_S, AT_A_TIME, LOAD_S = 18.0, 1.0, 3, 46.0
MORE, THREADS = 0.1, 63
ORIGINAL = "https://aws.amazon.com/cn/message/11201"
REGISTER = "https://www.theregister.com/2020/11/30/aws_outage_explanation/"
INDEX = "https://byu-se.github.io/idb/incidents/41.html"
END = "https://communicatorcommunities.com/aws-outage-explained"

PUBLIC = (
    Fact("all", "after a small addition all exceed the limit of threads", "all", REGISTER, True),
    Fact("late", "the alarm (5:15) comes after the addition, from its begin", "151 / 63 min: 2.4", ORIGINAL),
    Fact("restart", "to remove the new servers is not enough", "a multi-hour restart", INDEX, digest=True),
    Fact("long", "from the begin of the addition to well (22:23)", "1179 / 63 min: 19", END, digest=True),
)  # fmt: skip


class Server:
    """One front-end server: its peers, a thread each, and its map of shards with the time at which that was built."""

    def __init__(self, limit: int) -> None:
        self.limit, self.peers, self.built, self.serves = limit, set[int](), 0.0, True

    def learn(self, peer: int) -> None:
        """Hold a thread for a peer, unless there is no thread left; the server notices that only when it builds its map."""
        self.peers.add(peer)

    def build(self, now: float) -> None:
        """Build the map of shards, by asking each peer in its thread. Raises RuntimeError if a thread cannot be started."""
        if len(self.peers) > self.limit:
            raise RuntimeError("can't start new thread")
        self.built = now

    def routes(self, now: float) -> bool:
        """Can it route a record: is its map not out of date?"""
        return now - self.built < STALE_S


def fleet(env: Env) -> web.Application:
    """POST /record: routed by one of the front-end servers. Settings: `servers`, how many carry the load."""
    rng, count = Random(f"fleet {env.seed}"), env.settings["servers"]
    servers = {n: Server(THREADS) for n in range(count)}
    for number, server in servers.items():
        server.peers = set(servers) - {number}

    async def rebuild(server: Server) -> None:
        await asyncio.sleep(rng.uniform(0, REBUILD_S))
        while True:
            try:
                server.build(env.signals.now())
            except RuntimeError as error:
                env.signals.log.warning("map not built", reason=str(error), threads=len(server.peers))
            await asyncio.sleep(REBUILD_S)

    async def learn(server: Server, new: int) -> None:
        await asyncio.sleep(rng.uniform(0, LEARNS_S))
        server.learn(new)

    async def story() -> None:
        old, more = list(servers.items()), max(1, round(MORE * count))
        async with asyncio.TaskGroup() as group:
            for _, server in old:
                group.create_task(rebuild(server))
            await env.until(ADDED_S)
            env.signals.event(names.FAULT_ON, "fleet", f"{more} more servers")
            for new in range(count, count + more):
                servers[new] = Server(THREADS)
                servers[new].peers, servers[new].serves = set(servers) - {new}, False
                group.create_task(rebuild(servers[new]))
                for _, server in old:
                    group.create_task(learn(server, new))
                await asyncio.sleep(ADDING_S / more)
            await env.until(REMOVED_S)
            env.signals.event(names.FAULT_OFF, "fleet", f"{more} more servers")
            for new in range(count, count + more):
                del servers[new]
            for first in range(0, count, AT_A_TIME):
                await restart([server for _, server in old[first : first + AT_A_TIME]])

    async def restart(some: list[Server]) -> None:
        for server in some:
            server.serves = False
        await asyncio.sleep(START_S)
        for server in some:
            server.peers, server.serves = {n for n, other in servers.items() if other is not server}, True
            server.build(env.signals.now())

    async def record(request: web.Request) -> web.Response:
        chosen = rng.choice([server for server in servers.values() if server.serves])
        return web.Response(status=200 if chosen.routes(env.signals.now()) else 503)

    return application(web.post("/record", record), background=[story])


def put(index: int, rng: Draws) -> HttpRequest:
    """The i-th record."""
    return HttpRequest("POST", "/record", rng.named("record", index))


def shape(runs: Sequence[Run]) -> dict[str, Found]:
    """When records failed, and how many servers could not build their map."""
    run = runs[0]
    bad = [r.intended for r in run.requests() if not r.ok]
    if not bad:
        return {}
    worst = min(stats.success_rate(run, second, second + 2) for second in range(int(REMOVED_S)))
    after, half = (1 - stats.success_rate(run, at, at + 2) for at in (REMOVED_S + 1, (REMOVED_S + max(bad)) / 2))
    late, long = (min(bad) - ADDED_S) / ADDING_S, (max(bad) - ADDED_S) / ADDING_S
    return {
        "all": Found(f"{MORE:.0%} more; {1 - worst:.0%} of the records fail at the worst", worst < 0.05),
        "late": Found(f"first errors after {late:.1f} times the addition", alike(late, 2.4)),
        "restart": Found(
            f"after the removal {after:.0%} fail, half-way through the restart {half:.0%}", after > 0.8 > half > 0.2
        ),
        "long": Found(f"{long:.0f} times the addition", alike(long, 19)),
    }


OUTAGE = Outage(
    title="Kinesis, 25 November 2020: a thread for each other server",
    services=(Service("fleet", f"{__name__}:fleet"),),
    entry="fleet", request=put,
    load=((20.0, LOAD_S),), settings={"servers": 60},
    mended={"servers": 30}, mending="half as many servers of twice the size, so that each holds half as many threads",
    public=PUBLIC, shape=shape,
    left_out=(
        "real threads: a set of peers is counted against the limit, for one process stands for the fleet",
        "the search for the cause, and why a faster restart would fail: the pace of the restart, and so the length, is ours",
        "the back end, and the services that were blind or down with Kinesis",
    ),
    chart={"noun": "record"},
)  # fmt: skip
