"""lab06: a retry storm that outlives its cause."""

from __future__ import annotations

from labs.kit import Desk, Lab, Policies, Service, stats
from labs.lab06_retries.checks import CHECKS
from labs.lab06_retries.diagnosis import DIAGNOSIS, HINTS
from labs.lab06_retries.readings import LINK, charged_share, tail_success
from labs.lab06_retries.scenarios import SCENARIOS, order, vary

LAB = Lab(
    name="lab06_retries",
    title="The outage that outlives its cause",
    failure="retry storm: retries keep a service down after its trouble has passed",
    signal="error rate, attempts an order (amplification)",
    minutes=40,
    services=(
        Service("shop", "labs.lab06_retries.service:shop", runs_fix=True, calls=("payments",), sees=("clients",)),
        Service("payments", "labs.lab06_retries.service:payments", runs_fix=True, calls=("bank",), sees=("garbled",)),
        Service("bank", "labs.lab06_retries.service:bank"),
    ),
    entry="shop", request=order, scenarios=SCENARIOS, vary=vary, reference="right_all",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    paced={"payments->bank": 0.020},
    desk=Desk(restarts=("shop", "payments"), settings={"shop": {"ATTEMPTS": (1, 10)}}),
    measures={
        "attempts an order": (lambda run: stats.amplification(run, LINK), "attempts"),
        "failed orders charged": (charged_share, "% of those that failed in the stall"),
        "confirmed at the end": (lambda run: 100 * tail_success(run), "% of the last orders"),
    },
    chart={"link": LINK, "capacity": 50, "timeout": 0.4, "noun": "order"},
    policies=Policies(
        rows={
            "broken: four attempts, no delay": "broken",
            "exponential back-off, full jitter": "wrong_full_jitter",
            "full jitter, one retry only": "wrong_one_retry",
            "timeout cut to 60 ms": "wrong_short_timeout",
            "timeout raised to 5 s": "wrong_long_timeout",
            "no retries": "wrong_no_retries",
            "queue of at most 60": "wrong_queue_bound_60",
            "queue of at most 15": "right_queue_bound",
            "retry budget 10 %": "right_budget",
        },
        told="Stalls: the share of the orders of the last 8 s that was confirmed, and how long after the bank's return all"
        " went well again. What survives the stall of 3 s is also tried on one of 8 s, and where one answer in ten fails at"
        " the bank: there, the share of all orders that was confirmed.",
        each_s=4.0,
    ),
)  # fmt: skip
