"""lab03: a database that times out, for it is asked too often, looks at too much, and writes one row at a time."""

from __future__ import annotations

from labs.kit.measure import stats
from labs.kit.model.lab import Lab, Service
from labs.kit.model.record import Run
from labs.lab03_database.checks import CHECKS, SALE_S
from labs.lab03_database.client import PATIENCE_S
from labs.lab03_database.diagnosis import DIAGNOSIS, HINTS
from labs.lab03_database.readings import LINK, PAGE, doubt, in_part, part, timed_out
from labs.lab03_database.scenarios import BEFORE_S, SCENARIOS, vary, visit


def _statements(run: Run) -> float:
    if run.info.scenario != "quiet":
        raise ValueError("only the scenario 'quiet' asks for pages and nothing else")
    return len([s for s in part(run, PAGE) if not s.commits]) / in_part(run, PAGE)


CHART = {"link": LINK, "objective": SALE_S, "timeout": PATIENCE_S, "noun": "page"}
MEASURES = {
    "504s since the sale began": (lambda run: 100 * timed_out(run, BEFORE_S), "% of pages"),
    "pages not served, whole run": (lambda run: 100 * (1 - stats.success_rate(run)), "% of pages"),
    "statements for a page": (_statements, "statements"),
}

LAB = Lab(
    name="lab03_database",
    title="The query that looks at everything",
    failure="database timeouts: N+1, a missing index, one row at a time",
    signal="query latency: statements a request, rows looked at, slow-query log",
    minutes=40,
    services=(
        Service("db", "labs.lab03_database.database:database"),
        Service("orders", "labs.lab03_database.service:orders", runs_fix=True, calls=("db",)),
        Service("partner", "labs.lab03_database.partner:partner", calls=("orders", "db")),
    ),
    entry="orders",
    request=visit,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_in_batch",
    vary=vary,
    doubt=doubt,
    measures=MEASURES,
    chart=CHART,
)
