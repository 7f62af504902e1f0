"""lab00: orders fail, and every signal is green."""

from __future__ import annotations

from labs.kit import Lab, Policies, Service
from labs.lab00_signals import readings
from labs.lab00_signals.checks import CHECKS
from labs.lab00_signals.diagnosis import DIAGNOSIS, HINTS
from labs.lab00_signals.scenarios import SCENARIOS, order, vary

_APP = "labs.lab00_signals.service:"
LAB = Lab(
    name="lab00_signals",
    title="Nobody can see it fail",
    failure="nobody can see it fail: swallowed errors, no request id, no trace",
    signal="all five, and what they cannot say",
    minutes=30,
    services=(
        Service("gateway", _APP + "gateway", calls=("shop",), handler_cancellation=True),
        Service("shop", _APP + "shop", runs_fix=True, calls=("inventory",), handler_cancellation=True),
        Service("inventory", _APP + "inventory", runs_fix=True, calls=("pricing",), handler_cancellation=True),
        Service("pricing", _APP + "pricing", runs_fix=True, handler_cancellation=True),
    ),
    entry="gateway", request=order, scenarios=SCENARIOS, vary=vary, reference="right_contextvar", compared_in="leaving",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    foretold={"where most failures begin": ""},
    measures={
        "orders that came back empty": (readings.came_back_empty, "orders"),
        "slow orders": (lambda run: round(readings.slow_percent(run), 1), "% of the orders"),
    },
    chart={"link": readings.HOPS["inventory"], "objective": readings.SLOW_S, "noun": "order"},
    policies=Policies(
        rows={
            "broken": "broken",
            "a new id in each service": "wrong_new_id",
            "the id in a variable of the module": "wrong_module_global",
            "the same, and one request at a time": "wrong_one_at_a_time",
            "logged, and answered 200": "wrong_logged_and_200",
            "logged in the shop only": "wrong_edge_only",
            "each service tells its own exception": "wrong_type_of_the_wrapper",
            "every step logged": "wrong_chatty",
        },
        told="Share of what is asked for that each check found; x: short of the goal, which is all of it.",
        each_s=5.0,
    ),
)  # fmt: skip
