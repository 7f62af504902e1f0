"""Requests through one aiohttp service, in the simulated world and over real sockets."""

from __future__ import annotations

import asyncio
import subprocess
import sys
import time

import aiohttp
from aiohttp import web

import labs
from benchmarks import relay
from benchmarks.dependency import Dependency
from benchmarks.row import Row
from labs.kit.model.load import HttpRequest, Phase, arrivals
from labs.kit.model.names import NS
from labs.kit.worlds.simulated import wire
from labs.kit.worlds.simulated.coordinator import cpu_pinning
from labs.kit.worlds.simulated.coordinator import load as loadgen
from labs.kit.worlds.simulated.coordinator.connections import LINK_DELAY_NS
from labs.kit.worlds.simulated.coordinator.host_pipe import LIMITS, HostLink
from labs.kit.worlds.simulated.coordinator.main import Coordinator
from labs.kit.worlds.simulated.coordinator.zygote import Zygote, zygote

RELAY, DEP = "10.0.0.10", "10.0.0.11"
PORT = 8080
REQUESTS = 6_000
AT_ONCE = 32


def two_hops(requests: int = REQUESTS) -> Row:
    """Simulated two-hop requests per wall second, compared with aiohttp over loopback; each side on one core.

    In the simulation the judge is both load and dependency, and only the relay is aiohttp. The yardstick has no judge, so
    its client and its dependency are aiohttp, too.
    """
    simulated, done = _simulated(Phase(2_000, requests / 2_000, "constant"))
    command = [sys.executable, "-m", "benchmarks.relaying", str(requests)]
    yardstick = float(subprocess.run(command, cwd=labs.ROOT, check=True, capture_output=True).stdout)
    ours = done / simulated
    return Row(
        "two-hops",
        "requests through a simulated aiohttp service, against aiohttp over loopback in one process; one core each",
        "requests a second",
        yardstick,
        ours,
        ours / yardstick,
        "at least as fast",
        ours >= yardstick,
    )


def minute(virtual_s: float = 60) -> Row:
    """A virtual minute at 200 requests a second, compared with a minute."""
    seconds, done = _simulated(Phase(200, virtual_s))
    return Row(
        "minute",
        f"{virtual_s:g} s at 200 requests a second ({done:,} of two hops), simulated",
        "s",
        virtual_s,
        seconds,
        virtual_s / seconds,
        "6 s",
        seconds <= 6,
    )


def _simulated(phase: Phase) -> tuple[float, int]:
    """Wall seconds for a load through a host that runs `relay`, and the number of answered requests; all on one core."""
    parent = zygote()
    with cpu_pinning.one_core():
        return _relayed(phase, parent)


def _relayed(phase: Phase, parent: Zygote) -> tuple[float, int]:
    coordinator = Coordinator(lambda host, at, line: None, seed=1)
    dependency = Dependency(coordinator, "dep", DEP)
    load = loadgen.Load(coordinator, RELAY, PORT, "relay")
    coordinator.add_node(load)
    coordinator.add_node(dependency)
    coordinator.add_link("load", "relay")
    coordinator.add_link("relay", "dep")
    times = [wire.LEAD_S * NS + at for at in arrivals([phase], 1)]
    load.schedule(times, lambda i: HttpRequest("POST", "/relay", f"request-{i}", b'{"n": 1}'))
    pid, read_fd, write_fd = parent.start(_spec())
    try:
        cpu_pinning.join(pid)
        link = HostLink("relay", pid, read_fd, write_fd, 2 * LINK_DELAY_NS, coordinator.from_host, LIMITS)
        coordinator.add_host(link, RELAY)
        coordinator.run(wire.LEAD_S * NS)
        begun = time.perf_counter()
        coordinator.run(times[-1] + NS)
        seconds = time.perf_counter() - begun
        link.close()
    finally:
        parent.end(pid)
    answered = sum(row.ok for row in load.rows("load->relay"))
    assert answered == len(times), f"{answered} of {len(times)} requests were answered"
    return seconds, answered


def _spec() -> dict[str, object]:
    return {
        "name": "relay",
        "app": "benchmarks.relay:relay",
        "port": PORT,
        "handler_cancellation": False,
        "fix": None,
        "settings": {},
        "urls": {"dep": f"http://dep:{PORT}"},
        "names": {"relay": RELAY, "dep": DEP},
        "address": RELAY,
        "seed": 1,
        "secret": "",
        "cores": 2,
        "up_s": wire.MONOTONIC_S,
        "lookahead_ns": 2 * LINK_DELAY_NS,
        "cpu_limits_s": [LIMITS.cpu_at_one_instant_s / 2, LIMITS.cpu_in_all_s / 2],
        "computing_s": LIMITS.computing_s,
        "most_signals": [LIMITS.signals, LIMITS.signal_bytes],
        "faults": [],
    }


async def _flat_out(requests: int) -> float:
    """Requests per second of the same relay, between an aiohttp client and an aiohttp server."""
    async with _served(relay.dep()) as behind, _served(relay.relay_to(behind)) as address:
        left = requests
        async with aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0)) as session:

            async def caller() -> None:
                nonlocal left
                while left > 0:
                    left -= 1
                    async with session.post(address + "/relay", json={"n": 1}) as response:
                        await response.json()

            begun = time.perf_counter()
            await asyncio.gather(*(caller() for _ in range(AT_ONCE)))
            return requests / (time.perf_counter() - begun)


class _served:
    """An app on a free loopback port, for `async with`; returns its address."""

    def __init__(self, app: web.Application) -> None:
        self.runner = web.AppRunner(app, access_log=None)

    async def __aenter__(self) -> str:
        await self.runner.setup()
        site = web.TCPSite(self.runner, "127.0.0.1", 0)
        await site.start()
        host, port = self.runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aexit__(self, *exc: object) -> None:
        await self.runner.cleanup()


if __name__ == "__main__":
    with cpu_pinning.one_core():
        print(asyncio.run(_flat_out(int(sys.argv[1]))))
