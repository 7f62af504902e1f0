"""Labs small enough to see through, for tests of the live world: one service, or one that calls a peer."""

from __future__ import annotations

from collections.abc import Mapping
from random import Random
from types import MappingProxyType
from typing import Any

from labs.kit.model.faults import Fault
from labs.kit.model.lab import Diagnosis, Fix, Lab, Progress, Scenario, Service
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status
from labs.kit.worlds.live.world import run_live

APPS = "tests.kit.live.apps"
NO_FIX = Fix("none", "")
REACHED_ITS_END = (Status.PASS, Status.INVALID)
"""A busy machine may make any live run invalid. What it recorded is there all the same, and that is what tests look at."""


def get(index: int, rng: Random) -> HttpRequest:
    """GET /?n=INDEX."""
    return HttpRequest("GET", f"/?n={index}", f"request-{index}", patience_s=5.0)


def live_lab(
    app: str, *, calls_peer: bool = False, runs_fix: bool = False, cores: int = 2, memory_limit_mb: float = 0.0
) -> Lab:
    """A lab whose service `me` is tests.kit.live.apps:`app`; with a `peer` of the same app behind it if it calls one."""
    calls = ("peer",) if calls_peer else ()
    services = [Service("me", f"{APPS}:{app}", 8080, runs_fix, cores, calls, memory_limit_mb=memory_limit_mb)]
    if calls_peer:
        services.append(Service("peer", f"{APPS}:{app}", cores=cores + 1))
    return Lab(
        name="tiny", title="", failure="", signal="", minutes=0, services=tuple(services), entry="me", request=get,
        scenarios={}, checks=(), diagnosis=Diagnosis((), 0, ""), hints=(), reference="",
    )  # fmt: skip


def scenario(seconds: float, rate: float = 20, faults: tuple[Fault, ...] = (), **settings: Any) -> Scenario:
    """Evenly spaced requests for `seconds`, and 0.2 s more."""
    load = (Phase(rate, seconds, "constant"),)
    return Scenario("tiny", load, faults, MappingProxyType(settings), settle_s=0.2)


def live_run(
    app: str,
    source: str | None = None,
    *,
    seconds: float = 0.5,
    rate: float = 20,
    faults: tuple[Fault, ...] = (),
    settings: Mapping[str, Any] = MappingProxyType({}),
    calls_peer: bool = False,
    cores: int = 2,
    seed: int = 1,
    progress: Progress | None = None,
    memory_limit_mb: float = 0.0,
) -> Run:
    """Run a tiny lab in the live world under `rate` requests a second for `seconds`."""
    lab = live_lab(app, calls_peer=calls_peer, runs_fix=source is not None, cores=cores, memory_limit_mb=memory_limit_mb)
    fix = NO_FIX if source is None else Fix("tiny", source)
    return run_live(lab, fix, scenario(seconds, rate, faults, **settings), seed, progress)
