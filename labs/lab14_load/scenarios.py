"""The jobs of the tester: to judge a version of the shop, to load it while payments is in trouble, to state its capacity."""

from __future__ import annotations

import json
from random import Random

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults
from labs.lab14_load.versions import GOOD, REGRESSIONS

PATIENCE_S = 1.0
"""The users of the shop wait so long."""
BEGINS_S = 0.5
TEST_S, MOST_REQUESTS = 45.0, 800
"""A test may take so long, and ask so often."""
LAG_S = 0.2
"""Live, the load balancer's questions may come so late: nothing is measured by them."""
HEALTH = 0.4
"""Requests a second of the load balancer, which asks for nothing but the health."""
RATE, LOAD_S = 30.0, 13.0
"""What `load` is asked for where payments is in trouble."""
TROUBLE_AT_S, TROUBLE_S = 7.0, 8.0
"""The trouble lasts longer than the load."""
CROWD_RATE, CROWD_S = 400.0, 3.0
"""What `load` is asked for where it is far more than the shop can do."""
BANKS = {"small": (2, 0.17, 0.025), "middle": (3, 0.2, 0.01), "large": (1, 0.045, 0.01)}
"""Of the shops whose capacity is to be stated: workers, seconds for a charge, and for a signature (a refusal costs one)."""
CLIENTS = 40
CALM, LAUNCH = 4.5, 45.0
"""Orders a second of the users: on a normal morning, and when the launch is announced."""
BEFORE_S, LAUNCH_S, AFTER_S = 4.0, 5.0, 5.0
SETTINGS = {"users": False, "job": "test", "version": "queue", "bank": (), "rate": 0.0, "seconds": 0.0}


def request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: an order of one of the users; where a test is at work, the load balancer asks for the health."""
    if not rng.settings["users"]:
        return HttpRequest("GET", "/health", rng.named("health", index))
    name = rng.named("order", index)
    body = json.dumps({"id": name, "client": f"client-{rng.randrange(CLIENTS)}", "amount": 1})
    return HttpRequest("POST", "/orders", name, body.encode(), patience_s=PATIENCE_S)


def launch(name: str, version: str) -> Scenario:
    """The launch: users, and no test."""
    phases = Phase(CALM, BEFORE_S), Phase(LAUNCH, LAUNCH_S), Phase(CALM, AFTER_S)
    return Scenario(name, phases, (), {**SETTINGS, "users": True, "job": "", "version": version}, settle_s=1.5)


def judged(version: str) -> Scenario:
    """The test judges a version of the shop."""
    return Scenario(
        version, (Phase(HEALTH, TEST_S + 2),), (), {**SETTINGS, "version": version}, settle_s=0.5, send_lag_s=LAG_S
    )


def trouble(name: str, at_s: float = TROUBLE_AT_S, seconds: float = TROUBLE_S) -> Scenario:
    """`load` asks while payments is in trouble: it hangs, or it refuses at once, half of the time with 429."""
    if name == "hangs":
        troubles: tuple[faults.Fault, ...] = (faults.Stall(link="gateway->payments", at_s=at_s, seconds=seconds),)
    else:
        troubles = tuple(
            faults.ErrorStatus(service="payments", rate=rate, status=status, as_json=True, at_s=at_s, seconds=seconds)
            for rate, status in ((0.5, 429), (1.0, 503))
        )
    asked = {**SETTINGS, "job": "load", "rate": RATE, "seconds": LOAD_S}
    return Scenario(name, (Phase(HEALTH, LOAD_S + 3),), troubles, asked, settle_s=1.0, send_lag_s=LAG_S)


def crowd() -> Scenario:
    """`load` asks for far more than the shop can do."""
    asked = {**SETTINGS, "job": "load", "rate": CROWD_RATE, "seconds": CROWD_S}
    return Scenario("crowd", (Phase(HEALTH, CROWD_S + 3),), (), asked, settle_s=1.0, send_lag_s=LAG_S)


def sized(name: str, workers: int, bank_s: float, signature_s: float) -> Scenario:
    """A shop whose capacity is to be stated: its workers, and the seconds for each charge and each signature."""
    settings = {**SETTINGS, "job": "capacity", "bank": (workers, bank_s, signature_s)}
    return Scenario(name, (Phase(HEALTH, TEST_S + 2),), (), settings, settle_s=0.5, send_lag_s=LAG_S)


SCENARIOS = {
    "launch": launch("launch", "bound"),
    "earlier": launch("earlier", "queue"),
    **{name: judged(name) for name in (*GOOD, *REGRESSIONS)},
    **{name: trouble(name) for name in ("hangs", "refuses")},
    "crowd": crowd(),
    **{name: sized(name, *bank) for name, bank in BANKS.items()},
}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own capacities and moments."""
    if scenario.name in BANKS:
        workers, bank_s, signature_s = BANKS[scenario.name]
        return sized(scenario.name, workers, bank_s * rng.uniform(0.9, 1.1), signature_s)
    if scenario.name in ("hangs", "refuses"):
        return trouble(scenario.name, rng.uniform(6.6, 7.2))
    return scenario
