"""lab12: a setting that needs a rebuild."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from labs.kit import HttpRequest, Lab, Policies, Service
from labs.lab12_config import readings
from labs.lab12_config.checks import CHECKS
from labs.lab12_config.diagnosis import DIAGNOSIS, HINTS
from labs.lab12_config.offered import mixed
from labs.lab12_config.scenarios import SCENARIOS, cents_of, order, vary


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with the answer to an order of the load: is it made of more than one version?"""
    return mixed(json.loads(body), cents_of(request.request_id))


LAB = Lab(
    name="lab12_config",
    title="Twenty minutes for one number",
    failure="a setting needs a rebuild: configuration baked in and never validated",
    signal="configuration version in force, error rate",
    minutes=40,
    services=(
        Service(
            "shop", "labs.lab12_config.service:shop", runs_fix=True, calls=("bank",), keeps_files=True, stops=True, sees=(),
        ),
        Service("bank", "labs.lab12_config.service:bank"),
        Service("operator", "labs.lab12_config.operator_work:operator", calls=("shop",)),
    ),
    entry="shop", request=order, scenarios=SCENARIOS, vary=vary, reference="right_snapshot",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS, wrong=wrong,
    foretold={"torn reads": "% of reads"},
    measures={
        "failed after the file": (readings.failed_after, "% of the orders from second 7 on"),
        "calls at once after the file": (readings.calls_after, "calls"),
    },
    measured_in=("incident",),
    chart={"link": readings.BANK, "noun": "order", "tried": "call"},
    policies=Policies(
        rows={
            "each order reads the file": "wrong_reads_each_order",
            "values swapped, the session kept": "wrong_pool_captured",
            "old session closed at once": "wrong_closed_at_once",
            "an idle session kept": "wrong_idle_pool_kept",
            "a look every five seconds": "wrong_polls_every_5_s",
            "an empty file means the defaults": "wrong_empty_is_defaults",
            "bounds by < and > alone": "wrong_nan",
            "no copy of the last good file": "wrong_no_copy",
            "hash() of flag and name": "wrong_hash_of_text",
        },
        told="What each check measured; x: short of its goal. Shares for limit and buckets; seconds for timeout; then"
        " orders, connections, files, restarts and users.",
        each_s=3.0,
    ),
)  # fmt: skip
