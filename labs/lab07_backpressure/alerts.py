"""The alert that the notebook has learners choose: `lab.alert()`, judged by detection time and by false alarms."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, REFERENCE, Fix, Lab, Scenario
from labs.kit.model.load import Phase
from labs.kit.model.record import Run
from labs.kit.model.repairs import edited
from labs.kit.notebook import alerts, notes
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.scenarios import SETTINGS

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

STEP_S = 0.25
"""How often the rule looks."""
SIGNALS = {
    "wait": "seconds that a job stood in the queue, when its work began",
    "depth": "requests inside the API",
    "busy": "share of their time that the renderer's workers work",
}


@dataclass(frozen=True)
class Case:
    """One record on which a rule is tried."""

    name: str
    fix: Fix
    scenario: Scenario
    wanted: bool


def cases(lab: Lab) -> list[Case]:
    """Three healthy systems, one of them large, and two in which callers wait in vain."""
    broken, repaired = shipped(lab, BROKEN), shipped(lab, REFERENCE)
    six = replace(broken, source=edited(broken.source, {"CONSUMERS = 2": "CONSUMERS = 6"}, "six workers"))

    def load(name: str, *phases: Phase, workers: int = 2) -> Scenario:
        return Scenario(name, phases, (), {**SETTINGS, "workers": workers}, settle_s=2.0)

    burst = load("burst", Phase(100, 3), Phase(250, 0.5), Phase(100, 2.5), workers=6)
    hung = load("hung", Phase(35, 8), workers=1)
    return [
        Case("healthy, a normal hour", broken, lab.scenario("calm"), False),
        Case("healthy, nearly full", repaired, load("full", Phase(48, 8)), False),
        Case("healthy, six workers, a short burst", six, burst, False),
        Case("broken, the overload", broken, lab.scenario("overload"), True),
        Case("one of two workers hangs", broken, hung, True),
    ]


def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 0.5) -> None:
    """Try an alert rule: it fires when the signal, "wait", "depth" or "busy", stays above `above` for `for_s` seconds."""
    if signal is None or above is None:
        alerts.no_rule_yet()
        return
    if signal not in SIGNALS:
        raise LearnerError(f"no signal {signal!r}; choose one of {', '.join(repr(name) for name in SIGNALS)}")
    if not is_number(above) or not is_number(for_s) or above < 0 or for_s < STEP_S:
        raise LearnerError(
            f"the rule is {above!r} for {for_s!r} s; expected a number of at least 0, and at least {STEP_S:g} s"
        )
    if validating():
        return
    tried = cases(learner.lab)
    runs = learner.records("alert", {case.name: Job(case.fix, case.scenario) for case in tried}, 4.0)
    rows = [("run", "should it fire?", "it fires at", "first caller lost at", "")]
    for case in tried:
        run = runs[case.name]
        at, lost = fires_at(run, signal, above, for_s), first_lost(run)
        rows.append((case.name, "yes" if case.wanted else "no", _at(at), _at(lost), judged(at, lost, case.wanted)))
    notes.show(Note((f"Page when {SIGNALS[signal]}: above {above:g} for {for_s:g} s.",), table=tuple(rows)))


def judged(at: float | None, lost: float | None, wanted: bool) -> str:
    """What a rule that fired at `at`, or never, is worth on a record whose first caller was lost at `lost`."""
    if not wanted:
        return "quiet, as it should be" if at is None else "false alarm"
    if at is None:
        return "missed"
    return "good, before the first" if lost is None or at < lost else f"late by {at - lost:.1f} s"


def first_lost(run: Run) -> float | None:
    """When the patience of the first caller ended who heard neither yes nor no; None if all heard."""
    return min((r.done for r in run.requests() if r.done is not None and not readings.told(r)), default=None)


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the rule of `alert` fires; None if it never does."""
    if signal == "wait":
        series = [(wait.at, wait.seconds) for wait in readings.waits(run)]
    else:
        name = {"depth": "http.server.active_requests", "busy": "renderer.utilization"}[signal]
        series = [(s.time, s.value) for s in run.samples(name)]
    since: float | None = None
    for step in range(1, round(run.info.load_s / STEP_S) + 1):
        end = step * STEP_S
        values = [value for at, value in series if end - STEP_S <= at < end]
        if values and sum(values) / len(values) <= above:
            since = None
        elif values and since is None:
            since = end - STEP_S
        if since is not None and end - since >= for_s:
            return end
    return None


def _at(second: float | None) -> str:
    return "never" if second is None else f"second {second:.1f}"
