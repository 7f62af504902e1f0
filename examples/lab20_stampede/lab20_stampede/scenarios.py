"""The load: a quiet morning, then a sale. Nothing fails by itself."""

from __future__ import annotations

from random import Random

from labs.kit import HttpRequest, Phase, Scenario

QUIET, BUSY = 3.0, 60.0
"""Pages per second before the sale and during it."""
SALE_AT_S, SALE_S = 10.0, 20.0
SERVICE_MS = 400.0
"""Pricing computes the list in 0.4 s, one at a time: 2.5 a second."""
SETTINGS = {"service_ms": SERVICE_MS}


def page(index: int, rng: Random) -> HttpRequest:
    """One customer, who opens the price list and leaves after two seconds without it."""
    return HttpRequest("GET", "/prices", f"page-{index}", patience_s=2.0)


def sale(rate: float) -> Scenario:
    """A quiet time, then a sale with `rate` pages a second."""
    return Scenario("sale", (Phase(QUIET, SALE_AT_S, "constant"), Phase(rate, SALE_S)), settings=SETTINGS)


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's variation: a sale of the same size or a little larger."""
    return sale(rng.uniform(BUSY, 1.3 * BUSY)) if scenario.name == "sale" else scenario


SCENARIOS = {
    "sale": sale(BUSY),
    "calm": Scenario("calm", (Phase(QUIET, 30, "constant"),), settings=SETTINGS, settle_s=3.0),
}
