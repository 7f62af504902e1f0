"""lab01: blocking calls in async code, and what becomes of everybody else meanwhile."""

from __future__ import annotations

from labs.kit.model.lab import Lab, Service
from labs.lab01_blocking.checks import CHECKS, FAST_S
from labs.lab01_blocking.diagnosis import DIAGNOSIS, HINTS
from labs.lab01_blocking.readings import FAST, LINK, in_time, times
from labs.lab01_blocking.scenarios import SCENARIOS, vary, visit

CHART = {"link": LINK, "objective": FAST_S}
MEASURES = {
    "slow health checks": (lambda run: 100 * (1 - in_time(run, FAST, FAST_S)), "% of health checks"),
    "longest health check": (lambda run: 1000 * times(run, FAST)[-1], "ms"),
}

LAB = Lab(
    name="lab01_blocking",
    title="The page that stands still",
    failure="slow API: blocking calls in async code hold the event loop",
    signal="request time of a cheap route, event-loop lag",
    minutes=35,
    services=(
        Service("page", "labs.lab01_blocking.service:page", runs_fix=True, calls=("supplier",)),
        Service("supplier", "labs.lab01_blocking.service:supplier"),
        Service("probe", "labs.lab01_blocking.service:probe", calls=("page",)),
    ),
    entry="page",
    request=visit,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_all",
    vary=vary,
    measures=MEASURES,
    chart=CHART,
)
