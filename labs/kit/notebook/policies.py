"""The table at the end of a page: the repairs that most people try first, judged by the lab's own checks."""

from __future__ import annotations

import math
from collections.abc import Mapping

from labs.kit.model.lab import Check, Fix, Policies
from labs.kit.model.record import Run
from labs.kit.model.verdict import Finding, Status
from labs.kit.notebook import notes
from labs.kit.notebook.handle import Handle
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job

YOURS_ROW = "your repair"
NOTHING = 0.005
"""A smaller value is shown as 0."""


def repairs(learner: Handle) -> dict[str, Fix]:
    """The repairs in the lab's `policies`, by their titles, then the learner's own, if there is one."""
    fixes = {title: shipped(learner.lab, file) for title, file in _declared(learner).rows.items()}
    if learner.cell.attempted and (mine := learner.repair()) is not None:
        fixes[YOURS_ROW] = mine
    return fixes


def told(learner: Handle) -> str:
    """The lab's explanation of the figures in its table."""
    return _declared(learner).told


def _declared(learner: Handle) -> Policies:
    if learner.lab.policies is None:
        raise ValueError(f"{learner.lab.name} declares no policies; give its LAB some, policies=Policies(...)")
    return learner.lab.policies


def table(learner: Handle) -> Note:
    """Run each repair once, seed 0, in every scenario that a check needs, and show the checks' measured values."""
    lab = learner.lab
    scenarios = list(dict.fromkeys(name for check in lab.checks for name in check.needs))
    fixes = repairs(learner)
    jobs = {(title, name): Job(fix, lab.scenario(name)) for title, fix in fixes.items() for name in scenarios}
    done = learner.records("policies", jobs, _declared(learner).each_s)
    graded = [check for check in lab.checks if not check.gate]
    rows = [("policy", *(check.name for check in graded), "gates that it loses")]
    for title in fixes:
        runs = {name: done[title, name] for name in scenarios}
        gates = [check.name for check in lab.checks if check.gate and cell(check, runs).startswith("x")]
        rows.append((title, *(cell(check, runs) for check in graded), ", ".join(gates) or "-"))
    return Note((told(learner),), table=tuple(rows))


def cell(check: Check, runs: Mapping[str, Run]) -> str:
    """One cell of the table: the value that the check measured in the runs, with an x if it misses the goal."""
    ended = [runs[name].status for name in check.needs if runs[name].status is not Status.PASS]
    if ended:
        return f"x {ended[0]}"
    finding = check(runs)
    return ("" if finding.passed else "x ") + _measured(check, finding)


def _measured(check: Check, finding: Finding) -> str:
    value = finding.measured
    if not math.isfinite(value):
        return notes.number(value)
    if check.unit.startswith("share"):
        return f"{value:.0%}"
    if abs(value) < NOTHING:
        return "0"
    return notes.number(round(value) if abs(value) >= 100 else float(f"{value:.3g}") if abs(value) >= 1 else round(value, 2))
