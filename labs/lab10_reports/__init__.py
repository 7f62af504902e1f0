"""lab10: the month-end report takes the site down."""

from __future__ import annotations

from labs.kit import Kept, Lab, Policies, Service
from labs.lab10_reports import data, readings
from labs.lab10_reports.checks import CHECKS
from labs.lab10_reports.diagnosis import DIAGNOSIS, HINTS
from labs.lab10_reports.scenarios import CORRECTED_AT_S, FILE, REPORTS_FROM_S, SCENARIOS, request, vary

LAB = Lab(
    name="lab10_reports",
    title="The month-end report takes the site down",
    failure="one huge query and one huge change on the live database, no audit, open access",
    signal="request time while jobs run, longest lock, audit rows against changes",
    minutes=50,
    services=(
        Service(
            "books", "labs.lab10_reports.service:books", runs_fix=True, calls=("vault",), keeps_files=True,
            kept=Kept(FILE, readings.KEPT_SQL), sees=(),
        ),
        Service("examiner", "labs.lab10_reports.service:books", runs_fix=True, calls=("vault",), keeps_files=True, sees=()),
        Service("vault", "labs.lab10_reports.service:vault"),
        Service("office", "labs.lab10_reports.service:office", calls=("books", "examiner", "vault")),
    ),
    entry="books", request=request, scenarios=SCENARIOS, vary=vary, wrong=readings.wrong, reference="right_summary",
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS, prepares=lambda: [data.ensure()],
    measures={
        "read in 100 ms, reports": (
            lambda run: 100 * readings.soon(run, REPORTS_FROM_S, CORRECTED_AT_S, "GET"), "% of the readings",
        ),
        "longest wait": (lambda run: readings.slowest(run, 0.0, run.info.load_s), "s"),
    },
    measured_in=("month_end",),
    chart={"link": "load->books", "objective": readings.SOON_S, "noun": "request"},
    policies=Policies(
        rows={
            "broken": "broken",
            "wait 30 s for a lock": "wrong_longer_timeout",
            "write-ahead log, nothing else": "wrong_wal_alone",
            "correction by one statement": "wrong_one_transaction",
            "slices by OFFSET": "wrong_offset_slices",
            "a summary twice a second": "wrong_summary_by_the_clock",
            "audit rows in batches": "wrong_audit_in_batches",
            "a chain without anchors": "wrong_no_anchor",
            "cache asked before the role": "wrong_cache_first",
            "what is denied is written down": "wrong_deny_list",
        },
        told="What each check measured; x: short of its goal. Shares for the first two, then counts of what was"
        " false, wrong, missing or misjudged.",
        each_s=2.0,
    ),
)  # fmt: skip
