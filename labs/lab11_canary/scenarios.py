"""The load, and the releases under it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

ARRIVALS = 40.0
"""Requests a second in the scenarios with real services."""
USERS = 400
REGIONS = (("eu", 0.6), ("us", 0.35), ("ap", 0.05))
"""The regions, and the share of the requests that comes from each."""
BUCKETS_MS = (100, 250, 1000)
"""The histogram of times has four buckets: up to 100 ms, 250 ms, 1 s, and more."""
BAD_ERRORS = 0.25
"""Of the requests to the bad release, so many fail beside the usual ones."""
SILENT_AT_S = 4.0
MILD_ERRORS = 0.15
INCIDENT_ERRORS = 0.05
"""So many requests fail in either version, in the incident that hits both; at more, the broken controller halts at once."""
WATCHED_S = 22.0
"""From second 21 on everybody has the new version, and there is nothing left to compare."""
RESTART_AT_S, DOWN_S = 9.0, 0.5
EACH, FLEET_ARRIVALS = 200, 2.0
"""Releases of each of the eleven kinds; meanwhile some users go to the old version."""
PATIENCE_S = 1.0
"""The router waits so long for a version's answer."""
SETTINGS = {"errors": 0.01, "extra": 0.0, "release": True, "each": 0}


def visit(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: one of the users, in one of the regions."""
    user = rng.named("user", rng.randrange(USERS))
    body = json.dumps({"user": user})
    return HttpRequest("POST", "/page", rng.named("request", index), body.encode())


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with an answer 2xx: it must be the page of the user who asked."""
    answer = json.loads(body)
    return "" if answer["user"] == json.loads(request.body)["user"] else "another user's page"


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own moments of trouble."""
    if scenario.name == "silent":
        return silent(rng.uniform(3.0, 5.0))
    if scenario.name == "good":
        return good(rng.uniform(7.0, 12.0))
    return scenario


def silent(at_s: float) -> Scenario:
    """The new version's host is cut off: users who are sent there wait in vain, and its metrics endpoint says nothing."""
    cut = tuple(faults.BlackHole(link=f"{caller}->canary", at_s=at_s) for caller in ("router", "monitor"))
    return Scenario("silent", (Phase(ARRIVALS, 22),), cut, SETTINGS, settle_s=2.0)


def good(at_s: float) -> Scenario:
    """A good release, and the router is killed and started again during it."""
    return Scenario(
        "good", (Phase(ARRIVALS, 32),), (faults.Kill(service="router", at_s=at_s, seconds=DOWN_S),), SETTINGS, settle_s=2.0
    )


def watched(name: str, errors: float, extra: float) -> Scenario:
    """A release on which an alert rule is tried: so many fail in both versions, and beside these so many in the new one."""
    return Scenario(name, (Phase(ARRIVALS, WATCHED_S),), (), {**SETTINGS, "errors": errors, "extra": extra}, settle_s=2.0)


WATCHED = {"calm": None, "both": None, "mild": 1.0, "bad": 1.0}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""
SCENARIOS = {
    "bad": Scenario("bad", (Phase(ARRIVALS, 30),), (), {**SETTINGS, "extra": BAD_ERRORS}, settle_s=2.0),
    "silent": silent(SILENT_AT_S),
    "good": good(RESTART_AT_S),
    "fleet": Scenario("fleet", (Phase(FLEET_ARRIVALS, 40),), (), {**SETTINGS, "release": False, "each": EACH}, settle_s=1.0),
    "calm": watched("calm", SETTINGS["errors"], 0.0),
    "both": watched("both", INCIDENT_ERRORS, 0.0),
    "mild": watched("mild", SETTINGS["errors"], MILD_ERRORS),
}
