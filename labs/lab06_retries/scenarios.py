"""The load, and the stalls of the bank under which it is driven."""

from __future__ import annotations

import json
from random import Random

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

ARRIVALS = 30.0
"""Orders a second."""
STALL_AT_S = 5.0
BREAKS_BYTES = 3_000
"""In `breaks`, each connection to payments breaks off after so many bytes one way: in the middle of a request or an answer,
as it happens."""
PAIR = (Phase(0.0, 0.3), Phase(300.0, 0.008, "constant"))
"""Two requests, 3 ms from one to the other, after 0.3 s without any."""
DROPPED = "a job was neither done nor refused"
"""What payments logs of a job that its queue let go of without an answer to the caller."""
GARBLED = 4
"""In `hiccups`, so many answers of payments to second attempts are 200 and no JSON: the first ones."""
LULL_S, LULLS, LULL_STALL_S = 1.5, 5, 0.65
LULL = (Phase(10.0, 0.25, "constant"), Phase(0.0, 0.25), Phase(10.0, 0.15, "constant"), Phase(0.0, 0.85))
"""The bank holds the first of three orders; when it is back, the second is late and the third has just come. Then none."""
BRIEF_STALL_S, SHORT_STALL_S, LONG_STALL_S = 0.5, 3.0, 8.0
SETTINGS = {"service_ms": 19.0, "clients": 1, "garbled": 0}
"""19 ms at the bank and 1 ms of network: 50 charges a second."""


def order(index: int, rng: Draws) -> HttpRequest:
    """The i-th order: one customer, one amount. Where customers order twice, each order comes twice in a row."""
    name, cents = rng.named("order", index), rng.randrange(100, 10_000)
    if rng.settings.get("twice"):
        name, cents = rng.named("order", index // 2), 1_000 + index // 2
    body = json.dumps({"id": name, "cents": cents})
    return HttpRequest("POST", "/orders", name, body.encode())


def stalled(name: str, seconds: float, stall_s: float, rate: float = ARRIVALS) -> Scenario:
    """Steady orders for `seconds`; at STALL_AT_S the bank stands still for `stall_s`."""
    stall = faults.Stall(link="payments->bank", at_s=STALL_AT_S, seconds=stall_s)
    return Scenario(name, (Phase(rate, seconds),), (stall,), SETTINGS)


def lull() -> Scenario:
    """A quiet hour: a few orders, and each time a short stall of the bank."""
    stalls = tuple(faults.Stall(link="payments->bank", at_s=n * LULL_S, seconds=LULL_STALL_S) for n in range(LULLS))
    return Scenario("lull", LULL * LULLS, stalls, SETTINGS, settle_s=2.0)


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own lengths of stall."""
    if scenario.name == "outage":
        return stalled("outage", scenario.load_s, rng.uniform(2.5, 3.5))
    if scenario.name == "long_outage":
        return stalled("long_outage", scenario.load_s, rng.uniform(7.0, 9.0))
    return scenario


WATCHED = {"calm": None, "hiccups": None, "brief": STALL_AT_S, "outage": STALL_AT_S}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""
SCENARIOS = {
    "outage": stalled("outage", 30, SHORT_STALL_S),
    "long_outage": stalled("long_outage", 40, LONG_STALL_S),
    "brief": stalled("brief", 14, BRIEF_STALL_S),
    "calm": Scenario("calm", (Phase(ARRIVALS, 10),), (), SETTINGS, settle_s=2.0),
    "hiccups": Scenario(
        "hiccups",
        (Phase(ARRIVALS, 20),),
        (faults.ErrorStatus(service="bank", rate=0.1),),
        {**SETTINGS, "garbled": GARBLED},
        settle_s=3.0,
    ),
    "late": Scenario(
        "late", (Phase(2.0, 40),), (faults.LateAnswers(service="bank", rate=0.25, least_s=0.3, most_s=1.0),), SETTINGS
    ),
    "breaks": Scenario(
        "breaks",
        (Phase(ARRIVALS, 6),),
        (faults.Limit(link="shop->payments", bytes_each_way=BREAKS_BYTES),),
        SETTINGS,
        settle_s=2.0,
    ),
    "lull": lull(),
    "twice": Scenario("twice", PAIR * 10, (), {**SETTINGS, "twice": True}, settle_s=2.0),
    "fleet": stalled("fleet", 20, SHORT_STALL_S, rate=60).with_(settings={"service_ms": 9.0, "clients": 200}),
}
