"""lab06: a retry storm that outlives its cause."""

from __future__ import annotations

import json
from random import Random

from labs.kit.faults import Stall
from labs.kit.lab import Diagnosis, Lab, Scenario, Service
from labs.kit.load import HttpRequest, Phase


def order(index: int, rng: Random) -> HttpRequest:
    """The i-th order: one customer, one amount."""
    body = json.dumps({"id": f"order-{index}", "cents": rng.randrange(100, 10_000)})
    return HttpRequest("POST", "/orders", f"order-{index}", body.encode())


SETTINGS = {"service_ms": 19.0, "clients": 1}
LAB = Lab(
    name="lab06_retries",
    title="The outage that outlives its cause",
    failure="retry storm",
    signal="error rate, amplification",
    minutes=40,
    services=(
        Service("shop", "labs.lab06_retries.service:shop", runs_fix=True, calls=("payments",)),
        Service("payments", "labs.lab06_retries.service:payments", runs_fix=True, calls=("bank",)),
        Service("bank", "labs.lab06_retries.service:bank"),
    ),
    entry="shop",
    request=order,
    scenarios={
        "outage": Scenario("outage", (Phase(30, 30),), (Stall(link="payments->bank", at_s=5, seconds=3),), SETTINGS),
    },
    checks=(),
    diagnosis=Diagnosis((), 0, ""),
    hints=(),
    reference="right_budget",
)
