"""lab14: a launch for which a load test said yes, and which did not hold."""

from __future__ import annotations

from labs.kit import Diagnosis, Lab, Service
from labs.lab14_load.checks import CHECKS
from labs.lab14_load.scenarios import SCENARIOS, health, vary

LAB = Lab(
    name="lab14_load",
    title="Launch day",
    failure="a load test that passes whatever it is given",
    signal="arrivals while answers are late, goodput beyond the knee, what a test says of versions known to be bad",
    minutes=60,
    services=(
        Service("gateway", "labs.lab14_load.service:gateway", calls=("payments",), sees=("version", "bank_s")),
        Service("payments", "labs.lab14_load.service:payments", sees=("version", "bank_s")),
        Service("tester", "labs.lab14_load.service:tester", runs_fix=True, calls=("gateway",), sees=()),
        Service("ci", "labs.lab14_load.service:ci", calls=("tester",), sees=("job", "rate", "seconds")),
    ),
    entry="gateway", request=health, scenarios=SCENARIOS, vary=vary, reference="right_phases",
    checks=CHECKS, diagnosis=Diagnosis((), 0, ""), hints=(),
    chart={"link": "tester->gateway", "noun": "request", "tried": "request of the test"},
)  # fmt: skip
