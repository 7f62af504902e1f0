"""lab01: blocking calls in async code, and what becomes of everybody else meanwhile."""

from __future__ import annotations

from labs.kit import BROKEN, REFERENCE, Desk, Kept, Lab, Policies, Service
from labs.lab01_blocking.checks import CHECKS
from labs.lab01_blocking.diagnosis import DIAGNOSIS, HINTS
from labs.lab01_blocking.readings import FAST, FAST_S, LINK, in_time, times
from labs.lab01_blocking.scenarios import INCIDENT, SCENARIOS, vary, visit

KEPT = Kept("products.sqlite", "select sku, views from products", ("steady", "launch"))
SEEN = ("fold_ms", "stretch_ms", "import_ms", "asyncio_debug", "profile")

LAB = Lab(
    name="lab01_blocking",
    title="The page that stands still",
    failure="slow API: blocking calls in async code hold the event loop",
    signal="request time of a cheap route, event-loop lag",
    minutes=35,
    services=(
        Service(
            "page", "labs.lab01_blocking.service:page", runs_fix=True, calls=("supplier",), sees=SEEN,
            keeps_files=True, kept=KEPT, stops=True,
        ),
        Service("supplier", "labs.lab01_blocking.service:supplier"),
        Service("probe", "labs.lab01_blocking.service:probe", calls=("page",)),
    ),
    entry="page", request=visit, scenarios=SCENARIOS, vary=vary, reference="right_all",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    measures={
        "slow health checks": (lambda run: 100 * (1 - in_time(run, FAST, FAST_S)), "% of health checks"),
        "longest health check": (lambda run: 1000 * times(run, FAST)[-1], "ms"),
    },
    desk=Desk(
        restarts=("page",), client=lambda request: "prices" if request.path.startswith("/price") else "health"
    ),
    incident=INCIDENT,
    chart={"link": LINK, "objective": FAST_S},
    policies=Policies(
        rows={
            "broken": BROKEN,
            "async def round the same calls": "wrong_async_def",
            "await asyncio.sleep(0) first": "wrong_sleep_zero",
            "async client for the supplier only": "wrong_only_supplier",
            "four workers in the place of one": "wrong_four_workers",
            "asyncio.to_thread round everything": "wrong_to_thread",
            "20 threads for everything": "wrong_threads_for_python",
            "a new thread to ask for each price, processes": "wrong_thread_per_price",
            "async client without a limit, processes": "wrong_unbounded_client",
            "prices cached for 5 s": "wrong_cache",
            "async client with a limit, threads, processes": REFERENCE,
        },
        told="Share of health checks (four columns) and of prices (two) that came in time; x: short of the goal.",
        each_s=2.0,
    ),
)  # fmt: skip
