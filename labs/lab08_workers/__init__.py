"""lab08: heavy work in the request path, and worker counts that somebody guessed."""

from __future__ import annotations

from labs.kit import Lab, Policies, Service
from labs.lab08_workers import readings
from labs.lab08_workers.checks import CHECKS, SOON_S
from labs.lab08_workers.diagnosis import DIAGNOSIS, HINTS
from labs.lab08_workers.rendering import CORES
from labs.lab08_workers.scenarios import QUIET_S, SCENARIOS, vary, visit

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
            keeps_files=True, sees=("stop_at_s", "backups_s", "profile"),
        ),
        Service("partner", "labs.lab08_workers.service:partner"),
        Service("auditor", "labs.lab08_workers.service:auditor", calls=("shop",)),
    ),
    entry="shop", request=visit, scenarios=SCENARIOS, vary=vary, reference="right_lease",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    foretold={"knee": "processes", "most in a rush": "a second"},
    measures={
        "invoices made": (
            lambda run: readings.pace(run, QUIET_S, run.info.load_s),
            f"a second, from second {QUIET_S:g} to the end of the load",
        ),
    },
    chart={"link": readings.WORK, "objective": SOON_S},
    policies=Policies(
        rows={
            "broken": "broken",
            "2 processes, awaited in the request": "wrong_pool_in_the_request",
            "2 processes, create_task, no queue": "wrong_create_task",
            "queue, hot spot left in": "wrong_hot_spot_left",
            "queue, 4 threads": "wrong_threads",
            "queue, os.cpu_count() processes": "wrong_cpu_count",
            "queue, a claim without an end": "wrong_locked_for_ever",
            "queue, stop() works it off": "wrong_drains_the_queue",
        },
        told="What each check measured; x: short of its goal. Shares for routes, accepts and knee; seconds for less_work;"
        " orders for kept and stops.",
        each_s=2.0,
    ),
)  # fmt: skip
