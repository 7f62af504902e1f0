"""lab13: a linter that cries wolf is switched off, and then it is not there for the wolf."""

from __future__ import annotations

from labs import town
from labs.kit import Lab, Policies, Service
from labs.lab13_hazards import town_scenarios
from labs.lab13_hazards.checks import CHECKS
from labs.lab13_hazards.diagnosis import DIAGNOSIS, HINTS
from labs.lab13_hazards.readings import changed, labelled
from labs.lab13_hazards.scenarios import PATIENCE_S, SCENARIOS, request, vary, wrong

LAB = Lab(
    name="lab13_hazards",
    title="Everybody has switched the linter off",
    failure="hazards that a rule knows, in files in which the rule is muted",
    signal="recall and precision of each rule, on twins and on labelled lines",
    minutes=180,
    services=(
        Service("linter", "labs.lab13_hazards.service:linter", runs_fix=True, sees=("rule_at_s",)),
        Service(
            "review", "labs.lab13_hazards.service:review", calls=("linter",), sees=("review", "course", "renamed", "typed")
        ),
        *town.SERVICES,
    ),
    entry="linter", request=request, scenarios=SCENARIOS, reference="right_names", wrong=wrong, vary=vary,
    tailored=town_scenarios.tailored, runbook_graded=True, desk=town_scenarios.DESK, incident=town_scenarios.stall(),
    paced=town.PACED,
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS, measured_in=("review",),
    measures={
        "findings that are true": (lambda run: 100 * labelled(run).score.precision, "% of those in the course's code"),
        "hazards found in broken code": (
            lambda run: 100 * labelled(run, "broken").score.recall, "% of the labelled hazards",
        ),
        "verdicts that change": (lambda run: 100 * changed(run)[0] / changed(run)[1], "% of the verdicts"),
    },
    foretold={"saved by a restart": "%"},
    chart={"noun": "edit", "timeout": PATIENCE_S},
    policies=Policies(
        rows={
            "broken: the last part of a name": "broken",
            "the same, with a good gate": "wrong_names_only",
            "regular expressions": "wrong_text",
            "names as they are written": "wrong_no_aliases",
            "only in coroutines": "wrong_no_helper",
            "only what practice shows": "wrong_only_practice",
            "a timeout somewhere": "wrong_timeout_anywhere",
            "handed to a thread is called": "wrong_handed_on",
            "each container that grows": "wrong_every_container",
            "with, or it is a leak": "wrong_only_with",
            "one finding a file": "wrong_one_a_file",
            "everything": "wrong_everything",
            "nothing": "wrong_nothing",
        },
        told="Shares of the judged hazards and of the findings, on twins; findings in the course's own code that are true.",
        each_s=6.0,
    ),
)  # fmt: skip
