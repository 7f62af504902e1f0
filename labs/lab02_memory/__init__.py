"""lab02: memory that is never given back, and the restarts that hide it."""

from __future__ import annotations

from labs.kit import Desk, Lab, Policies, Service
from labs.lab02_memory.answers import wrong
from labs.lab02_memory.checks import CHECKS
from labs.lab02_memory.diagnosis import DIAGNOSIS, HINTS
from labs.lab02_memory.readings import full_after_s, growth_mb_s
from labs.lab02_memory.scenarios import LIMIT_MB, SCENARIOS, vary, visit

LAB = Lab(
    name="lab02_memory",
    title="The service that forgets nothing",
    failure="memory crash, restart loop: caches without a bound, references that nobody drops",
    signal="memory held, restarts",
    minutes=40,
    services=(
        Service(
            "reports", "labs.lab02_memory.service:reports", runs_fix=True, calls=("store",), stops=True,
            memory_limit_mb=LIMIT_MB,
        ),
        Service("store", "labs.lab02_memory.service:store"),
        Service("probe", "labs.lab02_memory.service:probe", calls=("reports", "store")),
    ),
    entry="reports", request=visit, scenarios=SCENARIOS, vary=vary, wrong=wrong, reference="right_bytes",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    compared_in="large",
    desk=Desk(restarts=("reports",)),
    foretold={"hour of the crash": "h"},
    measures={"memory growth": (growth_mb_s, "MB a second"), "time until the room is full": (full_after_s, "s")},
    policies=Policies(
        rows={
            "broken": "broken",
            "gc.collect() after each answer": "wrong_gc_collect",
            "a bound for the cache alone": "wrong_cache_only",
            "a cache of 1,000 reports": "wrong_lru_1000",
            "a cache of 120 reports": "wrong_lru_120",
            "lru_cache on a method": "wrong_lru_on_method",
            "reports live for 60 s": "wrong_ttl_only",
            "clear the cache when it is full": "wrong_clear_all",
            "no cache": "wrong_no_cache",
            "restart after 200 answers": "wrong_restart",
            "a bound in bytes, names, ranges": "reference",
        },
        told="Bytes kept for each byte made (three columns), share of the room, times the ledger; x: over the goal.",
        each_s=3.0,
    ),
)  # fmt: skip
