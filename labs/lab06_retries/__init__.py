"""lab06: a retry storm that outlives its cause."""

from __future__ import annotations

import json
from random import Random

from labs.kit.measure import stats
from labs.kit.model.faults import ErrorStatus, Stall
from labs.kit.model.lab import Lab, Scenario, Service
from labs.kit.model.load import HttpRequest, Phase
from labs.kit.model.record import Run
from labs.lab06_retries.checks import CHECKS, LINK, charged_of_failed, tail_success
from labs.lab06_retries.diagnosis import DIAGNOSIS, HINTS

ARRIVALS = 30.0  # orders a second
STALL_AT_S = 5.0
SETTINGS = {"service_ms": 19.0, "clients": 1}  # 19 ms at the bank and 1 ms of network: 50 charges a second
PACE_S = 0.020
SHORT_STALL_S = 3.0
LONG_STALL_S = 8.0


def order(index: int, rng: Random) -> HttpRequest:
    """The i-th order: one customer, one amount."""
    body = json.dumps({"id": f"order-{index}", "cents": rng.randrange(100, 10_000)})
    return HttpRequest("POST", "/orders", f"order-{index}", body.encode())


def stalled(name: str, seconds: float, stall_s: float, rate: float = ARRIVALS) -> Scenario:
    """Steady orders for `seconds`; at STALL_AT_S the bank stands still for `stall_s`."""
    fault = Stall(link="payments->bank", at_s=STALL_AT_S, seconds=stall_s)
    return Scenario(name, (Phase(rate, seconds),), (fault,), SETTINGS)


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own lengths of stall."""
    if scenario.name == "outage":
        return stalled("outage", scenario.load_s, rng.uniform(2.5, 3.5))
    if scenario.name == "long_outage":
        return stalled("long_outage", scenario.load_s, rng.uniform(7.0, 9.0))
    return scenario


def charged_share(run: Run) -> float:
    """Of the orders that failed, how many were charged by the end of the record, in %.

    Raises:
        ZeroDivisionError: none failed.
    """
    charged, failed = charged_of_failed(run)
    return 100 * charged / failed


CHART = {"link": LINK, "capacity": 50, "timeout": 0.4, "noun": "order"}
MEASURES = {
    "attempts an order": (lambda run: stats.amplification(run, LINK), "attempts"),
    "failed orders charged": (charged_share, "% of the failed orders"),
    "confirmed at the end": (lambda run: 100 * tail_success(run), "% of the last orders"),
}

LAB = Lab(
    name="lab06_retries",
    title="The outage that outlives its cause",
    failure="retry storm: retries keep a service down after its trouble has passed",
    signal="error rate, attempts an order (amplification)",
    minutes=40,
    services=(
        Service("shop", "labs.lab06_retries.service:shop", runs_fix=True, calls=("payments",)),
        Service("payments", "labs.lab06_retries.service:payments", runs_fix=True, calls=("bank",)),
        Service("bank", "labs.lab06_retries.service:bank"),
    ),
    entry="shop",
    request=order,
    scenarios={
        "outage": stalled("outage", 30, SHORT_STALL_S),
        "long_outage": stalled("long_outage", 40, LONG_STALL_S),
        "calm": Scenario("calm", (Phase(ARRIVALS, 10),), (), SETTINGS, settle_s=2.0),
        "hiccups": Scenario(
            "hiccups", (Phase(ARRIVALS, 20),), (ErrorStatus(service="bank", rate=0.1),), SETTINGS, settle_s=3.0
        ),
        "fleet": stalled("fleet", 20, SHORT_STALL_S, rate=60).with_(settings={"service_ms": 9.0, "clients": 200}),
    },
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_all",
    vary=vary,
    paced={"payments->bank": PACE_S},
    measures=MEASURES,
    chart=CHART,
)
