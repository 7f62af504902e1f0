"""lab03: a database that times out, for it is asked too often, looks at too much, and writes one row at a time."""

from __future__ import annotations

from labs.kit import Desk, Lab, Policies, Service, stats
from labs.lab03_database import data
from labs.lab03_database.checks import CHECKS, SALE_S
from labs.lab03_database.client import PATIENCE_S
from labs.lab03_database.diagnosis import DIAGNOSIS, HINTS
from labs.lab03_database.readings import LINK, doubt, statements_for_a_page, timed_out
from labs.lab03_database.scenarios import BEFORE_S, INCIDENT, SCENARIOS, vary, visit
from labs.lab03_database.truth import wrong_page as wrong

LAB = Lab(
    name="lab03_database",
    title="The query that looks at everything",
    failure="database timeouts: N+1, a missing index, one row at a time",
    signal="query latency: statements a request, rows looked at, slow-query log",
    minutes=40,
    services=(
        Service("db", "labs.lab03_database.database:database"),
        Service("orders", "labs.lab03_database.service:orders", runs_fix=True, calls=("db",), sees=()),
        Service("partner", "labs.lab03_database.partner:partner", calls=("orders", "db")),
    ),
    entry="orders", request=visit, scenarios=SCENARIOS, vary=vary, wrong=wrong, reference="right_in_batch",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    doubt=doubt, prepares=lambda: [data.ensure()],
    measures={
        "504s since the sale began": (lambda run: 100 * timed_out(run, BEFORE_S), "% of pages"),
        "pages not served, whole run": (lambda run: 100 * (1 - stats.success_rate(run)), "% of pages"),
        "statements for a page": (statements_for_a_page, "statements"),
    },
    desk=Desk(settings={"orders": {"partner": (0, 1)}}),
    incident=INCIDENT,
    chart={"link": LINK, "objective": SALE_S, "timeout": PATIENCE_S, "noun": "page"},
    policies=Policies(
        rows={
            "broken": "broken",
            "wait longer: 60 s": "wrong_longer_timeout",
            "index on (created_at)": "wrong_created_at_index",
            "index on (created_at, customer_id)": "wrong_column_order",
            "index on (customer_id)": "wrong_customer_only",
            "an index on everything": "wrong_index_on_everything",
            "right index, a function on the column": "wrong_function_on_column",
            "N+1 inside asyncio.gather": "wrong_gather",
            "one join, cut in Python": "wrong_join_without_limit",
            "one join, LIMIT 20 on it": "wrong_limit_on_join",
            "pages cached for 3 s": "wrong_cache",
            "OFFSET kept": "wrong_offset_kept",
            "a transaction for each order": "wrong_order_by_order",
            "index, IN, keyset, one transaction": "reference",
        },
        told="What each check measured (its unit is in the verdicts above); x: short of the goal.",
        each_s=4.0,
    ),
)  # fmt: skip
