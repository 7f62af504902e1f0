"""The alert that the notebook has learners choose: `lab.alert()`, judged by detection time and by false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.kit.model.declare import is_number
from labs.kit.model.lab import REFERENCE, Lab, Scenario
from labs.kit.model.load import Phase
from labs.kit.model.record import Run
from labs.kit.notebook import alerts
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab08_workers import readings
from labs.lab08_workers.scenarios import DAY_RATE, KILLS_S, SETTINGS

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

SIGNALS = {
    "depth": "orders taken in and not yet delivered",
    "age": "seconds for which the oldest order not yet delivered has waited",
}
EACH_S = 2.5
OVERLOAD_AT_S = 1.0


def cases(lab: Lab) -> dict[str, Case]:
    """Two healthy systems, one of them in a short burst, and two in which orders wait in vain."""

    def load(name: str, *phases: Phase) -> Scenario:
        return Scenario(name, phases, (), SETTINGS, settle_s=2.0)

    reference = shipped(lab, REFERENCE)
    burst = load("burst", Phase(DAY_RATE, 2.0), Phase(100.0, 1.2), Phase(12.0, 2.8))
    overload = load("overload", Phase(DAY_RATE, OVERLOAD_AT_S), Phase(80.0, 5.0))
    return {
        "healthy, an ordinary day": Case(Job(reference, lab.scenario("day"))),
        "healthy, a short burst": Case(Job(reference, burst)),
        "an overload that stays": Case(Job(reference, overload), broken_at_s=OVERLOAD_AT_S),
        "jobs of killed workers, locked for ever": Case(
            Job(shipped(lab, "wrong_locked_for_ever"), lab.scenario("kills")), broken_at_s=KILLS_S[0]
        ),
    }


def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 1.0) -> None:
    """Try an alert rule: it fires when the signal, "depth" or "age", is above `above` in each of `for_s` seconds."""
    if signal is None or above is None:
        alerts.no_rule_yet()
        return
    if signal not in SIGNALS:
        raise LearnerError(f"no signal {signal!r}; choose one of {', '.join(repr(name) for name in SIGNALS)}")
    if not is_number(above) or not is_number(for_s) or above < 0 or for_s < 1:
        raise LearnerError(f"the rule is {above!r} for {for_s!r} s; expected a number of at least 0, and at least 1 s")
    told = f"Page when {SIGNALS[signal]}: above {above:g}, for {for_s:g} s on end."
    most = ("most that was seen", lambda run: f"{max(backlog(run, signal)):.1f}")
    alerts.try_rule(learner, told, cases(learner.lab), lambda run: fires_at(run, signal, above, for_s), EACH_S, most)


def backlog(run: Run, signal: str) -> list[float]:
    """The depth of the queue, or the age of its oldest order in s, at the end of each second of the run, from outside."""
    delivered: dict[str, float] = {}
    for arrival in readings.arrivals(run):
        delivered.setdefault(arrival.order, arrival.at)
    taken = [(r.done, delivered.get(r.request_id, run.info.seconds + 1)) for r in readings.orders(run) if r.ok and r.done]
    series = []
    for second in range(1, int(run.info.seconds) + 1):
        waiting = [second - since for since, until in taken if since <= second < until]
        series.append(float(len(waiting)) if signal == "depth" else max(waiting, default=0.0))
    return series


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the rule of `alert` fires; None if it never does."""
    return alerts.lasts((value > above for value in backlog(run, signal)), for_s)
