"""The first alert rule: `lab.alert()`, the burn rate of an error budget, judged by detection time and false alarms."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.kit.measure import stats
from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, REFERENCE, Lab
from labs.kit.model.record import Run
from labs.kit.notebook import alerts
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab00_signals import readings
from labs.lab00_signals.scenarios import BROKEN_AT_S

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

OBJECTIVE = 0.99
"""Of all orders, the share that the shop promises to answer well."""
BUDGET = 1 - OBJECTIVE
EACH_S = 6.0
LONGEST_S = 10.0


def cases(lab: Lab) -> dict[str, Case]:
    """Two good days, and a pricing of which a part is down; the last once more with the broken code."""
    honest, broken = shipped(lab, REFERENCE), shipped(lab, BROKEN)
    return {
        "a good day": Case(Job(honest, lab.scenario("good_day"))),
        "a good day, pricing restarts": Case(Job(honest, lab.scenario("restart"))),
        "a part of pricing is down": Case(Job(honest, lab.scenario("part_down")), BROKEN_AT_S),
        "this page's outage, broken code": Case(Job(broken, lab.scenario("orders")), 0.0),
    }


def alert(learner: Learner, burn_rate: float | None = None, window_s: float | None = None) -> None:
    """Try an alert rule: it fires when the error budget burns `burn_rate` times too fast, over the last `window_s` seconds.

    The budget is 1 % of the orders. The rule counts what the gateway answers with 5xx, as a dashboard does.
    """
    if burn_rate is None or window_s is None:
        alerts.no_rule_yet()
        return
    if not is_number(burn_rate) or not is_number(window_s) or burn_rate <= 0 or not 1 <= window_s <= LONGEST_S:
        raise LearnerError(
            f"the rule is a burn rate of {burn_rate!r} over {window_s!r} s; expected a burn rate above 0, and a window of"
            f" 1 to {LONGEST_S:g} s"
        )
    told = (
        f"Page when over the last {window_s:g} s the burn rate is {burn_rate:g} or more, so when"
        f" {100 * burn_rate * BUDGET:.3g}% of the orders failed:"
    )
    beside = ("failed, really", lambda run: str(len(truly_failed(run))))
    alerts.try_rule(learner, told, cases(learner.lab), lambda run: fires_at(run, burn_rate, window_s), EACH_S, beside)


def truly_failed(run: Run) -> list[str]:
    """The orders that were not answered with what they should be, whatever the status says."""
    return [order.request_id for order in readings.orders(run) if not order.right_answer]


def fires_at(run: Run, burn_rate: float, window_s: float) -> float | None:
    """The second at which the rule of `alert` fires, looking at the end of each second; None if it never does."""
    for end in range(1, round(run.info.load_s) + 1):
        start = max(0.0, end - window_s)
        if end >= window_s and burn(run, start, end) >= burn_rate:
            return float(end)
    return None


def burn(run: Run, start: float, end: float) -> float:
    """How many times faster than allowed the error budget burns in [start, end): the share of 5xx over the budget."""
    asked = stats.user_requests(run, start, end)
    return sum(r.status >= 500 for r in asked) / len(asked) / BUDGET if asked else 0.0
