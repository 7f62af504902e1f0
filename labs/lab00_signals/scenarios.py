"""The loads of lab00, and its few numbers."""

from __future__ import annotations

import json
from random import Random
from typing import Any
from zlib import crc32

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults
from labs.lab00_signals.trouble import FAMILIES, NEW_NUMBER, RUSH_NUMBER, SLOW_FAMILY

RATE = 25.0
"""Orders a second."""
SECONDS = 16.0
NEW_SHARE = 0.01
"""Of the orders, those for a product without a price."""
SLOW_SHARE = 0.06
"""Of the orders, those for the slow family."""
PATIENCE_S = 10.0
LEAVE_EACH = 10
"""In the scenario "leaving", each tenth customer leaves before the answer comes: an order takes about 25 ms, and"""
LEAVE_S = (0.005, 0.020)
"""these leave so many seconds after they came, in the middle of the work of inventory or of pricing."""
RUSH = range(60, 66)
"""In the same scenario, those orders are by a script, which waits for its answers: six within a quarter of a second.
All others are the orders of the scenario "orders"."""

NOTED, ANSWERED = "order noted", "answer noted"
"""Log lines of the gateway that are for the judge: what an order is, and how it was answered."""

SETTINGS: dict[str, Any] = {
    "stock_ms": 12.0,  # how long the stock book takes
    "price_ms": 8.0,  # how long a price takes
    "slow_ms": 250.0,  # the same for the slow family
    "disk_full": 0.010,  # shares of the orders
    "stock_locked": 0.005,
    "prices_missing": True,
}
LEAVING = {**SETTINGS, "leaving": True}
WORSE = {**SETTINGS, "disk_full": 0.03, "stock_locked": 0.015, "new_share": 0.045}
"""The day of a learner's own record: as many orders fail in inventory as in pricing, more of both than in "orders"."""

# Those on which alert rules are tried. A good day has a failed order now and then, too.
GOOD_DAY = {**SETTINGS, "disk_full": 0.002, "stock_locked": 0.002, "prices_missing": False}
TRIED_S = 14.0
BROKEN_AT_S = 6.0
RESTART_S = 0.2
DOWN_SHARE = 0.25
WATCHED = {"good_day": None, "restart": None, "part_down": BROKEN_AT_S, "down": BROKEN_AT_S}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""


def order(index: int, rng: Draws) -> HttpRequest:
    """The i-th order: one product, by one customer. Its request id cannot be told from its name: who sends on the name
    instead of the id has lost the id."""
    luck = rng.random()
    family = SLOW_FAMILY if luck < SLOW_SHARE else rng.choice([f for f in FAMILIES if f != SLOW_FAMILY])
    new_share = rng.settings.get("new_share", NEW_SHARE)
    number = NEW_NUMBER if rng.random() < new_share else rng.randrange(1, NEW_NUMBER)
    leaving = rng.settings.get("leaving")
    rush = leaving and index in RUSH
    if rush:
        number = RUSH_NUMBER
    name = rng.named("order", index)
    request_id = f"{crc32(f'{name} {luck}'.encode()):08x}"
    body = json.dumps({"order": name, "product": f"{family}-{number}"})
    patience_s = PATIENCE_S
    if leaving and not rush and index % LEAVE_EACH == 0:
        first, last = LEAVE_S
        patience_s = first + (last - first) * int(request_id, 16) / 2**32
    return HttpRequest("POST", "/orders", request_id, body.encode(), patience_s)


def tried(name: str, *trouble: faults.ErrorStatus) -> Scenario:
    """A good day, with or without a fault."""
    return Scenario(name, (Phase(RATE, TRIED_S),), trouble, GOOD_DAY, settle_s=1.0)


SCENARIOS = {
    "orders": Scenario("orders", (Phase(RATE, SECONDS),), (), SETTINGS, settle_s=3.0),
    "leaving": Scenario("leaving", (Phase(RATE, SECONDS),), (), LEAVING, settle_s=0.5),
    "worse_day": Scenario("worse_day", (Phase(RATE, SECONDS),), (), WORSE, settle_s=1.0),
    "good_day": tried("good_day"),
    "restart": tried("restart", faults.ErrorStatus(service="pricing", rate=1.0, at_s=BROKEN_AT_S, seconds=RESTART_S)),
    "part_down": tried("part_down", faults.ErrorStatus(service="pricing", rate=DOWN_SHARE, at_s=BROKEN_AT_S)),
    "down": tried("down", faults.ErrorStatus(service="pricing", rate=1.0, at_s=BROKEN_AT_S)),
}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own figures."""
    if scenario.name != "leaving":
        return scenario
    changed = {
        "slow_ms": rng.uniform(230, 300),
        "disk_full": rng.uniform(0.010, 0.016),
        "stock_locked": rng.uniform(0.005, 0.009),
    }
    return scenario.with_(load=(Phase(rng.uniform(23, 27), SECONDS),), settings=changed)
