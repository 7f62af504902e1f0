"""lab13: a linter that cries wolf is switched off, and then it is not there for the wolf."""

from __future__ import annotations

from labs.kit import Lab, Service
from labs.lab13_hazards.checks import CHECKS
from labs.lab13_hazards.diagnosis import DIAGNOSIS, HINTS
from labs.lab13_hazards.scenarios import SCENARIOS, edit, wrong

LAB = Lab(
    name="lab13_hazards",
    title="Everybody has switched the linter off",
    failure="hazards that a rule knows, in files in which the rule is muted",
    signal="recall and precision of each rule, on twins and on labelled lines",
    minutes=45,
    services=(
        Service("linter", "labs.lab13_hazards.service:linter", runs_fix=True, sees=()),
        Service("review", "labs.lab13_hazards.service:review", calls=("linter",), sees=("review", "course")),
    ),
    entry="linter", request=edit, scenarios=SCENARIOS, reference="right_names", wrong=wrong,
    checks=CHECKS, diagnosis=DIAGNOSIS, hints=HINTS,
)  # fmt: skip
