"""lab20: a cache entry expires in a sale, and every request recomputes it."""

from __future__ import annotations

from lab20_stampede.checks import CHECKS
from lab20_stampede.diagnosis import DIAGNOSIS, HINTS
from lab20_stampede.readings import LINK, most_at_once, sale_success
from lab20_stampede.scenarios import SCENARIOS, SERVICE_MS, page, vary
from labs.kit import Lab, Policies, Service

LAB = Lab(
    name="lab20_stampede",
    title="The cache that helps until it is needed",
    failure="cache stampede: when an entry expires, every request recomputes it",
    signal="calls in flight to the dependency, at the moment of expiry",
    minutes=15,
    services=(
        Service("shop", "lab20_stampede.service:shop", runs_fix=True, calls=("pricing",)),
        Service("pricing", "lab20_stampede.service:pricing"),
    ),
    entry="shop",
    request=page,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_single_flight",
    vary=vary,
    paced={"shop->pricing": SERVICE_MS / 1000},
    measures={
        "calls at once": (most_at_once, "calls"),
        "pages shown in the sale": (lambda run: 100 * sale_success(run), "% of the pages"),
    },
    chart={"link": LINK, "capacity": 1000 / SERVICE_MS, "timeout": 1.0, "noun": "page"},
    policies=Policies(
        rows={
            "broken: whoever misses, asks": "broken",
            "lifetime with jitter": "wrong_jitter",
            "one retry": "wrong_retry",
            "a lock around the call": "wrong_lock_alone",
            "lifetime of 60 s": "wrong_long_lifetime",
            "the old price list when the call fails": "wrong_stale_on_error",
        },
        told="The sale: share of pages shown, and what the gates say.",
        each_s=3.0,
    ),
)
