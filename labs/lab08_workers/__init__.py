"""lab08: heavy work in the request path, and worker counts that somebody guessed."""

from __future__ import annotations

from labs.kit.model.lab import Lab, Service
from labs.lab08_workers import readings
from labs.lab08_workers.checks import CHECKS, SOON_S
from labs.lab08_workers.diagnosis import DIAGNOSIS, HINTS
from labs.lab08_workers.paper import CORES
from labs.lab08_workers.scenarios import QUIET_S, SCENARIOS, vary, visit

CHART = {"link": readings.WORK, "objective": SOON_S}
MEASURES = {
    "invoices made": (
        lambda run: readings.pace(run, QUIET_S, run.info.load_s),
        f"a second, from second {QUIET_S:g} to the end of the load",
    ),
}

LAB = Lab(
    name="lab08_workers",
    title="Sixteen of everything",
    failure="heavy work in the request path, with guessed worker counts",
    signal="request time of cheap routes, throughput against workers, age of the oldest job",
    minutes=45,
    services=(
        Service(
            "shop", "labs.lab08_workers.service:shop", runs_fix=True, cores=CORES, calls=("partner",),
            memory_limit_mb=1_000.0,  # far away: for its memory to be read
            keeps_files=True,
        ),
        Service("partner", "labs.lab08_workers.service:partner"),
        Service("auditor", "labs.lab08_workers.service:auditor", calls=("shop",)),
    ),
    entry="shop",
    request=visit,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_lease",
    vary=vary,
    measures=MEASURES,
    chart=CHART,
)  # fmt: skip
