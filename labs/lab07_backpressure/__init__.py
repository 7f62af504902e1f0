"""lab07: a queue without a bound, and a service that works for nobody."""

from __future__ import annotations

from labs.kit import Desk, Lab, Policies, Service
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.checks import CHECKS, FULL_AT_S
from labs.lab07_backpressure.diagnosis import DIAGNOSIS, HINTS
from labs.lab07_backpressure.scenarios import CAPACITY, INCIDENT, PATIENCE_S, SCENARIOS, TURN_S, label, vary
from labs.lab07_backpressure.service import QUOTA

LAB = Lab(
    name="lab07_backpressure",
    title="Busy all day, for nobody",
    failure="queue overload: no backpressure, so all work is done too late",
    signal="queue wait (beside queue depth)",
    minutes=40,
    services=(
        Service("api", "labs.lab07_backpressure.service:api", runs_fix=True, calls=("renderer",), sees=()),
        Service("renderer", "labs.lab07_backpressure.service:renderer"),
        Service("bulk", "labs.lab07_backpressure.service:bulk", calls=("api",)),
    ),
    entry="api", request=label, scenarios=SCENARIOS, vary=vary, reference="right_fair_bound",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    paced={"api->renderer": TURN_S},
    foretold={"goodput at bound 100": "a second"},
    measures={
        "answered in time": (lambda run: readings.in_time(run, FULL_AT_S), "a second"),
        "labels somebody waited for": (lambda run: readings.waited_for(run, FULL_AT_S), "% of those made"),
        "longest wait for the renderer": (lambda run: max(wait.seconds for wait in readings.waits(run)), "s"),
    },
    compared_in="spike",
    desk=Desk(
        restarts=("api",),
        settings={"renderer": {"workers": (1, QUOTA)}},
        client=lambda request: request.path.rpartition("/")[2],
    ),
    incident=INCIDENT,
    chart={"link": readings.WORK, "capacity": CAPACITY, "timeout": PATIENCE_S, "noun": "request", "tried": "label"},
    policies=Policies(
        rows={
            "broken: no bound": "broken",
            "await put(), bound 20": "wrong_await_put",
            "60 consumers, bound 20": "wrong_more_consumers",
            "newest first, no bound": "wrong_lifo",
            "rate limit of 30 a second": "wrong_rate_limit",
            "autoscaler, no bound": "wrong_scaling_alone",
            "autoscaler that flaps": "wrong_flapping",
            "bound 20, one queue for all": "wrong_one_queue_for_all",
        },
        told=f"The first three columns are of the overload from second {FULL_AT_S:g} on, the fourth is beside the noisy"
        " client; workers paid for is the average of the costlier of the two.",
        each_s=4.0,
    ),
)  # fmt: skip
