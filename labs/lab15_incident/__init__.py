"""lab15: one evening in the town, two records, and two faults that are harmless alone."""

from __future__ import annotations

from labs import town
from labs.kit import Lab, Policies
from labs.lab15_incident.checks import CHECKS
from labs.lab15_incident.diagnosis import DIAGNOSIS, HINTS
from labs.lab15_incident.scenarios import SCENARIOS, tailored, vary
from labs.town.load import request, wrong

LAB = Lab(
    name="lab15_incident",
    title="One evening, two records",
    failure="two changes, each harmless alone, that together are an outage",
    signal="all five: users first, then what grew where, against the evening without an incident",
    minutes=75,
    services=town.SERVICES,
    entry=town.ENTRY, request=request, scenarios=SCENARIOS, vary=vary, tailored=tailored, wrong=wrong,
    reference="right_undo", paced=town.PACED, desk=town.DESK, incident=SCENARIOS["played"],
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
    chart={"link": "load->gateway", "objective": 1.0, "noun": "request"},
    policies=Policies(
        rows={
            "all services named": "wrong_names_all",
            "the loud one named": "wrong_loud",
            "the trigger alone": "wrong_trigger_alone",
            "restart everything": "wrong_restart_all",
            "shed two in five": "wrong_shed",
            "both undone": "right_undo",
        },
        told="Of each answer to Ada's evening: what each check measured; x where it lost.",
        each_s=3.0,
    ),
)  # fmt: skip
