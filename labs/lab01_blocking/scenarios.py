"""What is asked of the page, and what goes wrong meanwhile. Each scenario makes one way of blocking the loop expensive."""

from __future__ import annotations

from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

SECRET = b"the shop's"
SKUS = tuple(f"sku-{number}" for number in range(12))
AT_WORK = "at work"
"""An event of the supplier, for the judge: it works on more requests at once than ever before."""
ONE_PRICE_IN = 10  # requests; the others are health checks
RESTART_AT_S, RESTART_S = 0.3, 1.7
"""The launch begins with a restart of the supplier: it refuses connections, for 30 prices, and 24 may be asked at once."""
LAUNCH_FROM_S = RESTART_AT_S + RESTART_S + 0.3
LAUNCH_UNTIL_S = 5.2  # a price asked for later may still be under way when the supplier stalls
ERRORS_AT_S, ERRORS_S = 5.5, 0.5
"""Just before the stall all answers are errors, so that second attempts are under way when it begins."""
STALL_AT_S = 6.0
STALL_S = 2.0
OUTAGE_AT_S, OUTAGE_S, ASKED_FOR_S = 6.0, 4.0, 2.0
"""At its end "flaky" gets no price at all, until the run ends; customers ask for two seconds of it."""
SETTLE_S = 2.0
HICCUPS_UNTIL_S = 4.0
"""A price asked for later may still be under way when the outage begins. Where pauses hold the loop, one that was asked for
before second 5 took up to 3.1 s on three seeds, and one before second 4 up to 2.3 s."""

HICCUP_AT_S, HICCUP_S = 3.6, 0.6
"""In "hiccup" the supplier stands still once, for so long."""
REFUSED_AT_S, REFUSED_S = 1.0, 6.0
"""In "refused" the supplier takes no connections for so long: prices fail at once, and nothing holds the loop."""

NORMAL: dict[str, Any] = {
    "supplier_ms": 10.0,  # how long the supplier takes for a price
    "fold_ms": 2.0,  # a signature's half in plain Python
    "stretch_ms": 2.0,  # a signature's half in C
    "import_ms": 0.0,  # how long the importer holds the database, once a second; 0: no importer
}


def visit(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: each tenth asks for the price of a product, the others are health checks."""
    path = f"/price?sku={rng.choice(SKUS)}" if index % ONE_PRICE_IN == 0 else "/health"
    return HttpRequest("GET", path, rng.named("visit", index))


def _scenario(name: str, rate: float, seconds: float, *trouble: Any, **settings: float) -> Scenario:
    ends = {"probe_until_s": seconds + SETTLE_S}  # when the probe asks for the last time
    return Scenario(name, (Phase(rate, seconds),), trouble, {**NORMAL, **ends, **settings}, SETTLE_S)


def launch(supplier_ms: float = 500.0, stall_s: float = STALL_S) -> Scenario:
    """Four times the visitors, a slower supplier, which restarts at the beginning; towards the end it fails, and stalls."""
    restart = faults.Reset(link="page->supplier", at_s=RESTART_AT_S, seconds=RESTART_S)
    errors = faults.ErrorStatus(service="supplier", rate=1.0, at_s=ERRORS_AT_S, seconds=ERRORS_S)
    stall = faults.Stall(link="page->supplier", at_s=STALL_AT_S, seconds=stall_s)
    return _scenario("launch", 160, 8, restart, errors, stall, supplier_ms=supplier_ms)


def flaky() -> Scenario:
    """Three answers in ten are errors, and in the end all."""
    outage = faults.ErrorStatus(service="supplier", rate=1.0, at_s=OUTAGE_AT_S, seconds=OUTAGE_S)
    return _scenario("flaky", 40, OUTAGE_AT_S + ASKED_FOR_S, faults.ErrorStatus(service="supplier", rate=0.3), outage)


SCENARIOS = {
    "steady": _scenario("steady", 40, 6, supplier_ms=100.0),
    "flaky": flaky(),
    "import": _scenario("import", 40, 6, import_ms=400.0),
    "signatures": _scenario("signatures", 100, 7, fold_ms=100.0, stretch_ms=10.0),
    "launch": launch(),
    "crowded": _scenario("crowded", 60, 6, supplier_ms=100.0),
    "calm": _scenario("calm", 40, 8),
    "hiccup": _scenario("hiccup", 40, 8, faults.Stall(link="page->supplier", at_s=HICCUP_AT_S, seconds=HICCUP_S)),
    "refused": _scenario("refused", 40, 8, faults.Reset(link="page->supplier", at_s=REFUSED_AT_S, seconds=REFUSED_S)),
}
WATCHED = {"calm": None, "hiccup": None, "refused": None, "steady": 0.0, "signatures": 0.0}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""


INCIDENT = launch().with_(name="incident", load=(Phase(160.0, 20.0), Phase(40.0, 6.0)))
"""The launch of an evening, for an operator; then the visitors of an ordinary one."""


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own figures."""
    if scenario.name == "launch":
        return launch(rng.uniform(470, 520), rng.uniform(1.9, 2.2))
    if scenario.name == "steady":
        return scenario.with_(settings={"supplier_ms": rng.uniform(90, 120)})
    if scenario.name == "import":
        return scenario.with_(settings={"import_ms": rng.uniform(370, 430)})
    return scenario


def signing_s(scenario: str) -> float:
    """Seconds that a signature is computed."""
    settings = SCENARIOS[scenario].settings
    return float(settings["fold_ms"] + settings["stretch_ms"]) / 1000


def least_s(scenario: str) -> float:
    """Seconds that an honest price takes at least, whatever the autograder made of the scenario."""
    return float(0.9 * SCENARIOS[scenario].settings["supplier_ms"]) / 1000 + signing_s(scenario)
