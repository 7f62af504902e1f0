"""What lab06 reads from a record: whether each order that the bank charged was a call on the wire."""

from __future__ import annotations

import pytest

from labs.kit.model.record import Event, Record, Request, Run
from labs.lab06_retries import readings
from labs.lab06_retries.checks import confirmed_is_charged
from tests.kit.handmade import make_info

NEEDS = ("outage", "long_outage", "calm", "hiccups")


def run_of(calls: int, charged: tuple[str, ...]) -> Run:
    """A run with so many calls of payments, and a debit for each order that was charged."""
    record = Record()
    record.add("requests", [Request(readings.LINK, "", "POST /charge", 1, 1.0, 1.0, 1.2, 200, "") for _ in range(calls)])
    record.add("events", [Event(1.1, "debit", order, "", "bank") for order in charged])
    return record.close(make_info(lab="lab06_retries", load_s=10, seconds=12))


@pytest.mark.parametrize(
    ("calls", "charged", "missing"),
    [(2, ("a", "b"), 0), (5, ("a", "b"), 0), (1, ("a", "a", "b", "c"), 2), (0, ("a",), 1), (0, (), 0)],
)
def test_orders_that_were_charged_without_a_call(calls: int, charged: tuple[str, ...], missing: int) -> None:
    """Attempts may outnumber orders, and an order that was charged twice is one; but no order comes without a call."""
    run = run_of(calls, charged)
    assert readings.charged_uncalled(run) == missing
    found = confirmed_is_charged.judge({name: run for name in NEEDS})
    assert found.passed is (missing == 0)
    if missing:
        assert (found.reason, found.measured) == ("never_asked", missing * len(NEEDS))


@pytest.mark.parametrize("seconds", [20.0, 40.0])
def test_the_share_that_was_charged_does_not_depend_on_the_records_end(seconds: float) -> None:
    """It is that of the orders that came in the stall: the queue has them first, and both worlds decide all of them."""
    record = Record()
    at = {"in": 6.0, "also": 7.0, "later": 12.0, "last": 18.0}
    record.add("requests", [Request("load->shop", name, "/", 1, t, t, t + 1, 504, "") for name, t in at.items()])
    record.add("events", [Event(5.0, "fault on", "bank", "Stall"), Event(8.0, "fault off", "bank", "Stall")])
    record.add(
        "events", [Event(9.0, "debit", "in", "", "bank"), Event(30.0, "debit", "later", "", "bank")][: 1 + (seconds > 30)]
    )
    assert readings.charged_share(record.close(make_info(load_s=20.0, seconds=seconds))) == 50
