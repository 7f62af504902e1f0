"""Labs small enough to see through, for tests of the simulated world: one service, or one that calls a peer."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from types import MappingProxyType
from typing import Any

import psutil

from labs.kit.model.faults import Fault
from labs.kit.model.lab import Diagnosis, Fix, Lab, Scenario, Service
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.record import Run
from labs.kit.worlds.simulated.coordinator.host_pipe import LIMITS, Limits
from labs.kit.worlds.simulated.coordinator.zygote import zygote
from labs.kit.worlds.simulated.world import run_simulated

APPS = "tests.kit.simulated.apps"
NO_FIX = Fix("none", "")


def get(index: int, rng: Random) -> HttpRequest:
    """GET /?n=INDEX."""
    return HttpRequest("GET", f"/?n={index}", f"request-{index}", patience_s=5.0)


def tiny_lab(app: str, *, calls_peer: bool = False, runs_fix: bool = False, cores: int = 2) -> Lab:
    """A lab whose service `me` is tests.kit.simulated.apps:`app`; with a `peer` behind it if it calls one."""
    services = [
        Service("me", f"{APPS}:{app}", runs_fix=runs_fix, cores=cores, calls=("peer",) if calls_peer else (), stops=True)
    ]
    if calls_peer:
        services.append(Service("peer", f"{APPS}:peer"))
    return Lab(
        name="tiny", title="", failure="", signal="", minutes=0, services=tuple(services), entry="me", request=get,
        scenarios={}, checks=(), diagnosis=Diagnosis((), 0, ""), hints=(), reference="",
    )  # fmt: skip


def tiny_run(
    app: str,
    source: str | None = None,
    *,
    seconds: float = 5.0,
    rate: float = 0.0,
    settings: Mapping[str, Any] = MappingProxyType({}),
    faults: tuple[Fault, ...] = (),
    calls_peer: bool = False,
    cores: int = 2,
    seed: int = 1,
    limits: Limits = LIMITS,
) -> Run:
    """Run a tiny lab for `seconds`, under `rate` requests a second until 1 s before the end."""
    lab = tiny_lab(app, calls_peer=calls_peer, runs_fix=source is not None, cores=cores)
    load = (Phase(rate, seconds - 1),)
    scenario = Scenario("tiny", load, faults, MappingProxyType(dict(settings)), settle_s=1.0)
    return run_simulated(lab, NO_FIX if source is None else Fix("tiny", source), scenario, seed, limits=limits)


@dataclass(frozen=True)
class Probed:
    """What a probe returned, as JSON has it, and the virtual nanoseconds that it took."""

    ns: int
    result: Any


def probed(run: Run, name: str) -> Probed:
    """What the probe `name` said in this run. Fails the test with the probe's own error if it raised."""
    said = {event.subject: event for event in run.events() if event.kind in ("probe", "probe failed")}
    assert name in said, f"the probe {name!r} did not end; the run: {run.status} {run.info.detail}"
    assert said[name].kind == "probe", said[name].detail
    return Probed(**json.loads(said[name].detail))


def hosts_alive() -> list[psutil.Process]:
    """The hosts of tiny runs: the children of this process's zygote without a sandbox."""
    return psutil.Process(zygote().pid).children()
