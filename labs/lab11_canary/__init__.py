"""lab11: a bad release reaches everyone, because nobody compared it with what it replaces."""

from __future__ import annotations

from labs.kit import Lab, Policies, Service
from labs.lab11_canary.checks import CHECKS
from labs.lab11_canary.diagnosis import DIAGNOSIS, HINTS
from labs.lab11_canary.readings import users_reached
from labs.lab11_canary.scenarios import SCENARIOS, vary, visit, wrong

LAB = Lab(
    name="lab11_canary",
    title="A bad release reaches everyone",
    failure="a canary whose controller cannot tell a bad release from a good one",
    signal="errors and slow requests by version and region, beside the old version",
    minutes=45,
    services=(
        Service("router", "labs.lab11_canary.service:router", runs_fix=True, calls=("stable", "canary", "monitor"), sees=()),
        Service("stable", "labs.lab11_canary.service:version", sees=("errors", "extra")),
        Service("canary", "labs.lab11_canary.service:version", sees=("errors", "extra")),
        Service("controller", "labs.lab11_canary.service:controller", runs_fix=True, sees=()),
        Service(
            "monitor", "labs.lab11_canary.service:monitor", calls=("stable", "canary", "controller", "router"),
            sees=("release",),
        ),
        Service("fleet", "labs.lab11_canary.service:fleet", calls=("controller",), sees=("each",)),
    ),
    entry="router", request=visit, scenarios=SCENARIOS, vary=vary, reference="right_sequential", wrong=wrong,
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    foretold={"good releases stopped": "%"},
    measures={"users who got the new version": (users_reached, "% of the users")},
    chart={"link": "router->canary", "noun": "request", "tried": "canary request"},
    policies=Policies(
        rows={
            "broken: all requests together, 10 %": "broken",
            "the first error": "wrong_first_error",
            "more than 5 % in a second": "wrong_five_percent",
            "p < .05, each second": "wrong_p05_each_second",
            "one look after a minute": "wrong_one_look",
            "against yesterday's rate": "wrong_yesterdays_rate",
            "all regions together": "wrong_averages_only",
            "errors only": "wrong_errors_only",
            "10 %, then everybody": "wrong_ten_to_all",
            "halt, no rollback": "wrong_halts",
        },
        told="Shares of the good and of the bad releases of the fleet; users harmed by a bad release until nobody has it, or"
        " until people notice.",
        each_s=8.0,
    ),
)  # fmt: skip
