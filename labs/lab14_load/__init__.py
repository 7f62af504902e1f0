"""lab14: a launch for which a load test said yes, and which did not hold."""

from __future__ import annotations

from labs.kit import Lab, Policies, Service
from labs.lab14_load.checks import CHECKS
from labs.lab14_load.diagnosis import DIAGNOSIS, HINTS
from labs.lab14_load.readings import served
from labs.lab14_load.scenarios import SCENARIOS, request, vary

LAB = Lab(
    name="lab14_load",
    title="Launch day",
    failure="a load test that passes whatever it is given",
    signal="arrivals while answers are late, goodput beyond the knee, what a test says of versions known to be bad",
    minutes=60,
    services=(
        Service("gateway", "labs.lab14_load.service:gateway", calls=("payments",), sees=("version", "bank")),
        Service("payments", "labs.lab14_load.service:payments", sees=("version", "bank")),
        Service("tester", "labs.lab14_load.service:tester", runs_fix=True, calls=("gateway",), sees=()),
        Service("ci", "labs.lab14_load.service:ci", calls=("tester",), sees=("job", "rate", "seconds")),
    ),
    entry="gateway", request=request, scenarios=SCENARIOS, vary=vary, reference="right_phases", compared_in="refuses",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    foretold={"answers slower than half a second, as six users see them": "%"},
    measures={"orders confirmed in time in the launch": (served, "%")}, measured_in=("launch",),
    chart={"link": "gateway->payments", "capacity": 20, "objective": 1.0, "noun": "order"},
    policies=Policies(
        rows={
            "broken: users wait, mean and status": "broken",
            "never above capacity": "wrong_below_capacity",
            "only the surge": "wrong_surge_only",
            "averages": "wrong_averages",
            "only status 200": "wrong_status_only",
            "not one error": "wrong_no_errors",
            "without a warm-up": "wrong_no_warm_up",
        },
        told="Of each test: how many of the good versions pass, and how many of the regressions it finds.",
        each_s=1.5,
    ),
)  # fmt: skip
