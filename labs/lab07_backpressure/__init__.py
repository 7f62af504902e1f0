"""lab07: a queue without a bound, and a service that works for nobody."""

from __future__ import annotations

from random import Random

from labs.kit.model.lab import Lab, Service
from labs.kit.model.load import HttpRequest
from labs.kit.model.record import Run
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.checks import CHECKS, FULL_AT_S
from labs.lab07_backpressure.diagnosis import DIAGNOSIS, HINTS
from labs.lab07_backpressure.scenarios import CAPACITY, PATIENCE_S, SCENARIOS, SHOPS, TURN_S, vary


def label(index: int, rng: Random) -> HttpRequest:
    """The i-th request: one of the shops wants a label, and waits a second for it."""
    shop = rng.randrange(SHOPS)
    return HttpRequest("POST", f"/labels/shop-{shop}", f"label-{index}", patience_s=PATIENCE_S)


def waited_for(run: Run) -> float:
    """Of the labels made from second FULL_AT_S on, how many reached a caller in time, in %.

    Raises:
        ZeroDivisionError: none was made.
    """
    end = run.info.load_s
    made = readings.renders(run, FULL_AT_S, end)
    served = readings.served(run)
    return 100 * sum(r.request_id in served for r in made) / len(made)


CHART = {"link": readings.WORK, "capacity": CAPACITY, "timeout": PATIENCE_S, "noun": "request", "tried": "label"}
MEASURES = {
    "answered in time": (lambda run: readings.in_time(run, FULL_AT_S), "a second"),
    "labels somebody waited for": (waited_for, "% of those made"),
    "longest wait for the renderer": (lambda run: max(wait.seconds for wait in readings.waits(run)), "s"),
}

LAB = Lab(
    name="lab07_backpressure",
    title="Busy all day, for nobody",
    failure="queue overload: no backpressure, so all work is done too late",
    signal="queue wait (beside queue depth)",
    minutes=40,
    services=(
        Service("api", "labs.lab07_backpressure.service:api", runs_fix=True, calls=("renderer",)),
        Service("renderer", "labs.lab07_backpressure.service:renderer"),
        Service("bulk", "labs.lab07_backpressure.service:bulk", calls=("api",)),
    ),
    entry="api",
    request=label,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_fair_bound",
    vary=vary,
    paced={"api->renderer": TURN_S},
    measures=MEASURES,
    chart=CHART,
)
