"""lab00: orders fail, and every signal is green."""

from __future__ import annotations

from labs.kit.model.lab import Lab, Service
from labs.kit.model.record import Run
from labs.lab00_signals import readings
from labs.lab00_signals.checks import CHECKS
from labs.lab00_signals.diagnosis import DIAGNOSIS, HINTS
from labs.lab00_signals.scenarios import SCENARIOS, order, vary


def came_back_empty(run: Run) -> float:
    """Orders that were answered with an empty body. Raises ValueError: there were no orders."""
    everybody = readings.orders(run)
    if not everybody:
        raise ValueError(f"{run} has no orders")
    return sum(order.bytes == 0 for order in everybody)


def slow_share(run: Run) -> float:
    """Of the orders, those that took longer than SLOW_S, in %.

    Raises:
        ZeroDivisionError: there were none.
    """
    took = [order.took for order in readings.orders(run)]
    return round(100 * sum(t > readings.SLOW_S for t in took) / len(took), 1)


CHART = {"link": "shop->inventory", "objective": readings.SLOW_S, "noun": "order"}
MEASURES = {
    "orders that came back empty": (came_back_empty, "orders"),
    "slow orders": (slow_share, "% of the orders"),
}

_APP = "labs.lab00_signals.service:"
LAB = Lab(
    name="lab00_signals",
    title="Nobody can see it fail",
    failure="nobody can see it fail: swallowed errors, no request id, no trace",
    signal="all five, and what they cannot say",
    minutes=30,
    services=(
        Service("gateway", _APP + "gateway", calls=("shop",)),
        Service("shop", _APP + "shop", runs_fix=True, calls=("inventory",)),
        Service("inventory", _APP + "inventory", runs_fix=True, calls=("pricing",)),
        Service("pricing", _APP + "pricing", runs_fix=True),
    ),
    entry="gateway",
    request=order,
    scenarios=SCENARIOS,
    checks=CHECKS,
    diagnosis=DIAGNOSIS,
    hints=HINTS,
    reference="right_contextvar",
    vary=vary,
    measures=MEASURES,
    chart=CHART,
)
