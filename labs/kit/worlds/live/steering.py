"""A steered live run: orders change its load, faults and code while it goes on, and each change is an event.

The run itself is `run_live(..., steering=...)` of world.py; the orders go to the runner as JSON lines (see orders.py).
Arrivals stay open-loop: all requests of a load of MOST_LOAD times the scenario's are drawn from the seed before the run,
each with a mark, and the requests with a mark below the present factor are sent at their intended times. At x1 these are
exactly the requests of a run that is not steered.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from random import Random
from typing import Any

from labs.kit.model.faults import DatabaseRestart, Fault, Kill, as_plain
from labs.kit.model.faults.base import OPEN_END_S
from labs.kit.model.lab import Fix, Lab, Scenario
from labs.kit.model.load import HttpRequest, Phase, arrivals, draws
from labs.kit.worlds.live.order_pipe import OrderPipe
from labs.kit.worlds.plan import link_faults

MOST_LOAD = 2.0
"""The highest factor of the scenario's load."""
_OTHER_SEED = 1_000_003
NOT_SWITCHED = (DatabaseRestart, Kill)
Drawn = list[tuple[float, int, HttpRequest]]
"""Requests as (mark, intended time in ns, request)."""


def lengthened(scenario: Scenario, seconds: float) -> Scenario:
    """The scenario with a load of `seconds`: its last phase is extended, or the end is cut off.

    Raises:
        ValueError: `seconds` is not above 0, or the scenario has no load.
    """
    if not seconds > 0:
        raise ValueError(f"a run of {seconds!r} seconds cannot be steered; give a length above 0, such as 120")
    if not scenario.load:
        raise ValueError(f"the scenario {scenario.name!r} has no load that could be steered; choose another")
    phases: list[Phase] = []
    left = seconds
    for phase in scenario.load:
        length = min(phase.seconds, left)
        left -= length
        if length > 0:
            phases.append(replace(phase, seconds=length))
    phases[-1] = replace(phases[-1], seconds=phases[-1].seconds + left)
    return scenario.with_(load=tuple(phases))


def untimed(fault: Fault) -> Fault:
    """A fault without its times, for a switch."""
    return replace(fault, at_s=0.0, seconds=OPEN_END_S)


def draw(lab: Lab, scenario: Scenario, seed: int) -> Drawn:
    """Every request that may be sent. Requests above x1 form a Poisson process, whatever the scenario's own pattern."""
    more = [replace(p, rate=p.rate * (MOST_LOAD - 1), pattern="poisson") for p in scenario.load]
    usual, extra = arrivals(scenario.load, seed), arrivals(more, seed + _OTHER_SEED)
    rng, marks = draws(seed, settings=scenario.settings), Random(f"marks {seed}")
    times = [(marks.random(), due) for due in usual] + [(1 + marks.random() * (MOST_LOAD - 1), due) for due in extra]
    return sorted(
        ((mark, due, lab.request(i, rng)) for i, (mark, due) in enumerate(times)), key=lambda drawn: (drawn[1], drawn[0])
    )


class Steering(OrderPipe):
    """The orders to one live run, on the caller's side. Its methods may be called from any thread, at any time.

    `scenario` is the argument for `run_live`, without the faults that can be switched. These are in `faults`: they begin
    and end at the scenario's times, and at each order. A restart of the database and a kill cannot be switched.
    `hear` is called with each message of the run, in the thread that runs it.
    """

    def __init__(
        self,
        lab: Lab,
        scenario: Scenario,
        seconds: float,
        seed: int = 0,
        hear: Callable[[dict[str, Any]], None] = lambda message: None,
    ) -> None:
        super().__init__()
        whole = lengthened(scenario, seconds)
        self.lab, self.seed, self.hear = lab, seed, hear
        self.switched = tuple(f for f in whole.faults if not isinstance(f, NOT_SWITCHED))
        self.faults = tuple(dict.fromkeys(untimed(f) for f in self.switched))
        kept = tuple(f for f in whole.faults if isinstance(f, NOT_SWITCHED))
        self.scenario = whole.with_(name=f"{scenario.name}, steered", faults=kept)
        self.drawn = draw(lab, whole, seed)

    def plan(self, spec: dict[str, Any], bytes_of: Callable[[HttpRequest, str], str]) -> dict[str, Any]:
        """Turn the plan of an ordinary run into that of a steered run: every link has a proxy, faults come as orders."""
        return spec | {
            "watched": True,
            "links": [{"name": name, "faults": []} for name in link_faults(self.lab, self.scenario)],
            "services": [service | {"steered": True} for service in spec["services"]],
            "marks": [mark for mark, _, _ in self.drawn],
            "calls": [(due, bytes_of(request, self.lab.entry), request.patience_s) for _, due, request in self.drawn],
            "requests": [(due, request) for _, due, request in self.drawn],
            "script": [
                (at, _switch(fault, on))
                for fault in self.switched
                for at, on in ((fault.at_s, True), (fault.at_s + fault.seconds, False))
                if at < self.scenario.seconds
            ],
        }

    def load(self, factor: float) -> None:
        """Set the load to `factor` times the scenario's rate. Raises ValueError outside 0 to MOST_LOAD."""
        if isinstance(factor, bool) or not isinstance(factor, int | float) or not 0 <= factor <= MOST_LOAD:
            raise ValueError(
                f"a load of {factor!r} times the scenario's is not possible; give 0 to {MOST_LOAD:g}, such as 0.5"
            )
        self.order({"load": float(factor)})

    def switch(self, fault: Fault, on: bool) -> None:
        """Let a fault begin or end now. Raises ValueError if it acts on no link and no service of the lab."""
        places = [*link_faults(self.lab, self.scenario), *(service.name for service in self.lab.services)]
        if isinstance(fault, NOT_SWITCHED) or fault.where not in places:
            raise ValueError(
                f"the fault {fault} cannot be switched in a run of {self.lab.name}; it can act on: {', '.join(places)}"
            )
        self.order(_switch(fault, on))

    def deploy(self, fix: Fix) -> None:
        """Replace the code under repair, as a rolling restart of every service that runs it."""
        self.order({"deploy": {"name": fix.name, "source": fix.source}})

    def finish(self) -> None:
        """End the run; its record is complete up to then, and says so."""
        self.order({"finish": True})


def _switch(fault: Fault, on: bool) -> dict[str, Any]:
    return {"fault": as_plain(untimed(fault)), "on": on}
