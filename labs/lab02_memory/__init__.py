"""lab02: memory that is never given back, and the restarts that hide it."""

from __future__ import annotations

from labs.kit.model.lab import Lab, Service
from labs.lab02_memory.checks import CHECKS
from labs.lab02_memory.diagnosis import DIAGNOSIS, HINTS
from labs.lab02_memory.readings import full_after_s, growth_mb_s
from labs.lab02_memory.scenarios import LIMIT_MB, SCENARIOS, vary, visit

MEASURES = {
    "memory growth": (growth_mb_s, "MB a second"),
    "time until the room is full": (full_after_s, "s"),
}

LAB = Lab(
    name="lab02_memory",
    title="The service that forgets nothing",
    failure="memory crash, restart loop: caches without a bound, references that nobody drops",
    signal="memory held, restarts",
    minutes=40,
    services=(
        Service("reports", "labs.lab02_memory.service:reports", runs_fix=True, calls=("store",), memory_limit_mb=LIMIT_MB),
        Service("store", "labs.lab02_memory.service:store"),
        Service("probe", "labs.lab02_memory.service:probe", calls=("reports", "store")),
    ),
    entry="reports",
    request=visit,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_bytes",
    vary=vary,
    compared_in="large",
    measures=MEASURES,
)
