"""lab04: connections that nobody gives back, to a server that has room for twenty."""

from __future__ import annotations

from labs.kit import REFERENCE, Lab, Policies, Service
from labs.lab04_connections.checks import CHECKS
from labs.lab04_connections.diagnosis import DIAGNOSIS, HINTS
from labs.lab04_connections.readings import first_refusal, served_after
from labs.lab04_connections.scenarios import FILES, SCENARIOS, WORKERS, order, vary

LAB = Lab(
    name="lab04_connections",
    title="The connections that never come back",
    failure="too many open connections: leaked on errors, one a request, without a bound",
    signal="open connections at the server, descriptors of a worker",
    minutes=35,
    services=(
        Service("front", "labs.lab04_connections.service:front", calls=WORKERS, handler_cancellation=True),
        *(
            Service(
                worker,
                "labs.lab04_connections.service:api",
                runs_fix=True,
                calls=("partner",),
                open_files=FILES,
                handler_cancellation=True,
                sees=(),
            )
            for worker in WORKERS
        ),
        Service("partner", "labs.lab04_connections.service:partner"),
    ),
    entry="front", request=order, scenarios=SCENARIOS, vary=vary, reference="right_pool",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    world="live",
    database="postgres",
    measures={
        "first refusal": (first_refusal, "s"),
        "served after the peak": (served_after, "% of orders, rightly sold out among them"),
    },
    policies=Policies(
        rows={
            "a pool of 20 in each worker": "wrong_pool_of_20",
            "a pool of 2 in each worker": "wrong_small_pool",
            "a pool, and no end to waiting": "wrong_no_timeout",
            "a pool, given back on success only": "wrong_released_on_success",
            "leave it to the garbage collector": "edge_garbage_collector",
            "more files, more connections": "wrong_raised_limits",
            "one bounded pool, one session, `async with`": REFERENCE,
        },
        told="x: short of the goal. Connections refused; shares of orders; orders without a word; sessions; descriptors.",
        each_s=15.0,
    ),
)  # fmt: skip
