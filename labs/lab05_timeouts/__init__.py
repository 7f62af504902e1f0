"""lab05: one dependency that never answers, and a storefront that waits for it with all it has."""

from __future__ import annotations

from labs.kit import Desk, Lab, Policies, Service, stats
from labs.lab05_timeouts.checks import CHECKS, PAGE_S, PROMISE_S
from labs.lab05_timeouts.diagnosis import DIAGNOSIS, HINTS
from labs.lab05_timeouts.readings import HEALTHY, OPTIONAL, PRODUCT, in_time, trouble
from labs.lab05_timeouts.scenarios import INCIDENT, SCENARIOS, vary, visit, wrong

CALLED = ("payments", "search", "recommendations")

LAB = Lab(
    name="lab05_timeouts",
    title="The shop that waits for an answer that never comes",
    failure="one slow dependency stops everything: no timeout, one pool for all",
    signal="request time of a healthy route, calls in flight",
    minutes=35,
    services=(
        Service("storefront", "labs.lab05_timeouts.service:storefront", runs_fix=True, calls=CALLED, stops=True, sees=()),
        *(Service(name, f"labs.lab05_timeouts.service:{name}") for name in CALLED),
        Service("probe", "labs.lab05_timeouts.service:probe", calls=("storefront",)),
    ),
    entry="storefront", request=visit, scenarios=SCENARIOS, vary=vary, wrong=wrong, reference="right_all",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    measures={
        "checkouts and searches late": (
            lambda run: 100 * (1 - in_time(run, HEALTHY, PROMISE_S, *trouble(run))),
            "% in the trouble",
        ),
        "product pages in time": (
            lambda run: 100 * in_time(run, (PRODUCT,), PAGE_S, *trouble(run)),
            f"% within {PAGE_S:g} s, in the trouble",
        ),
        "calls at once": (lambda run: float(stats.most_in_flight(run, OPTIONAL)), "calls to recommendations"),
    },
    desk=Desk(restarts=("storefront",), settings={"storefront": {"recommendations": (0, 1)}}),
    incident=INCIDENT,
    chart={"link": OPTIONAL, "objective": PROMISE_S},
    policies=Policies(
        rows={
            "5 s for every call": "wrong_five_seconds",
            "a timeout for connecting only": "wrong_connect_only",
            "a timeout for each read": "wrong_sock_read_only",
            "a pool for each service, no timeout": "wrong_separate_sessions",
            "wait_for round a thread": "wrong_threads",
            "0.12 s for every call": "wrong_below_p99",
            "payments is not told the deadline": "wrong_deadline_kept",
        },
        told="Share of requests or pages as the check wants it; `stops`: seconds of work for nobody; x: misses the goal.",
        each_s=1.5,
    ),
)  # fmt: skip
