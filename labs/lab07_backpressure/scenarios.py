"""The loads of lab07, and its few numbers."""

from __future__ import annotations

from random import Random

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

SHOPS = 12
"""Clients behind the load; each asks for about as many labels as any other."""
PATIENCE_S = 1.0
CAPACITY = 50.0
"""Labels a second of the renderer's two workers, 40 ms each with the network."""
TURN_S = 1 / CAPACITY
SETTINGS = {"render_ms": 39.0, "bulk_name": "bulk", "bulk": ()}
"""`bulk` is what the noisy client asks for: phases of (from second, until second, labels a second)."""

NORMAL = 40.0
"""Requests a second of a normal hour: four fifths of the capacity."""
MODERATE = 25.0
"""Requests a second while the renderer is in trouble: half of the capacity, so that a queue gets short again soon."""
QUIET = 20.0
"""Requests a second between and after the spikes."""
RUSH, RUSH_S = 80.0, 3.0
"""How the overload begins, so that the queue is long soon."""
TWICE_AT_S, TWICE_S = 4.0, 1.5
THRICE_AT_S, THRICE_S = 7.5, 2.0
AFTER_S = 4.5
HANGS_AT_S, HANGS_S = 2.0, 1.4
"""When the renderer hangs, for longer than anybody waits; what stood in the queue is too old then."""
ERRORS_AT_S, ERRORS_S = HANGS_AT_S + HANGS_S, 2.0
"""When the renderer fails: at first it answers 503, for the second half it refuses connections."""
CALM_AT_S, CALM_S = 8.5, 3.5
"""When all is long over, and all must be as before."""
GREEDY, GREEDY_S, MODEST = 120.0, 0.2, 3.0
"""Labels a second that one client asks for once the renderer hangs, for how long, and what it asks for in the calm."""


def label(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: one of the shops wants a label, and waits a second for it."""
    shop = rng.randrange(rng.settings.get("shops", SHOPS))
    return HttpRequest("POST", f"/labels/shop-{shop}", rng.named("label", index), patience_s=PATIENCE_S)


def overload(rate: float = 60.0, seconds: float = 8.0) -> Scenario:
    """A rush, and then more requests than the renderer can do, all the time."""
    return Scenario("overload", (Phase(RUSH, RUSH_S), Phase(rate, seconds)), (), SETTINGS, settle_s=2.0)


def spike(twice: float = 2.0, thrice: float = 3.0) -> Scenario:
    """A normal load, then two spikes as multiples of the capacity, and quiet after each."""
    phases = (
        Phase(NORMAL, TWICE_AT_S),
        Phase(twice * CAPACITY, TWICE_S),
        Phase(QUIET, THRICE_AT_S - TWICE_AT_S - TWICE_S),
        Phase(thrice * CAPACITY, THRICE_S),
        Phase(QUIET, AFTER_S),
    )
    return Scenario("spike", phases, (), SETTINGS, settle_s=2.0)


def noisy(bulk_rate: float = 60.0, seconds: float = 8.0, name: str = "bulk") -> Scenario:
    """Twelve quiet shops that need half of the capacity together, and one client that wants more than all of it."""
    settings = {**SETTINGS, "bulk_name": name, "bulk": ((0.0, seconds, bulk_rate),)}
    return Scenario("noisy", (Phase(24.0, seconds),), (), settings, settle_s=2.0)


def errors() -> Scenario:
    """A renderer that hangs and fails; then a calm time. One client asks for much as it hangs."""
    greedy = (HANGS_AT_S + 0.15, HANGS_AT_S + 0.15 + GREEDY_S, GREEDY)  # the consumers are at work on others' jobs by then
    modest = (CALM_AT_S - 0.5, CALM_AT_S + CALM_S, MODEST)
    return Scenario(
        "errors",
        (Phase(MODERATE, CALM_AT_S + CALM_S),),
        (
            faults.Stall(link="api->renderer", at_s=HANGS_AT_S, seconds=HANGS_S),
            faults.ErrorStatus(service="renderer", rate=1.0, at_s=ERRORS_AT_S, seconds=ERRORS_S / 2),
            faults.Reset(link="api->renderer", at_s=ERRORS_AT_S + ERRORS_S / 2, seconds=ERRORS_S / 2),
        ),
        {**SETTINGS, "bulk": (greedy, modest)},
        settle_s=2.0,
    )


SCENARIOS = {
    "overload": overload(),
    "spike": spike(),
    "noisy": noisy(),
    "errors": errors(),
    "many_shops": overload(seconds=7.0).with_(name="many_shops", settings={"shops": 120}),
    "calm": Scenario("calm", (Phase(NORMAL, 8.0),), (), SETTINGS, settle_s=1.0),
}


INCIDENT = overload(seconds=25.0).with_(name="incident")
"""The overload of an evening, for an operator."""


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own rates, and its own name for the noisy client."""
    if scenario.name == "overload":
        return overload(rng.uniform(58, 65))
    if scenario.name == "spike":
        return spike(rng.uniform(1.8, 2.2), rng.uniform(2.7, 3.3))
    if scenario.name == "noisy":
        return noisy(rng.uniform(55, 65), name=f"shop-{rng.randrange(SHOPS, 100)}")  # no name to refuse by
    return scenario
