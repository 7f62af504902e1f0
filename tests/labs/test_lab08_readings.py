"""What lab08 reads from a record: which statuses cannot be true."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import pytest

from labs.kit.model.names import FAULT_ON
from labs.kit.model.record import Event, Log, Record, Request, Run
from labs.lab08_workers import checks, readings
from tests.kit.handmade import make_info

NOTHING = {"false_status": 0, "not_known": 0, "not_told": 0}
KILL = Event(2.0, FAULT_ON, "shop", "Kill")


def log(service: str, event: str, time: float, **told: object) -> Log:
    """A log of the partner or the auditor about the order "o"."""
    return Log(time, service, "info", event, "o", "", json.dumps(told))


def run_of(asked: float, status: int, logs: Sequence[Log], events: Sequence[Event] = ()) -> Run:
    """The order "o" hears yes at second 1.1; its status is asked for at `asked`, and answered 0.1 s later."""
    rows = [("POST /invoices/o", 1.0, 202), ("GET /status/o", asked, status)]
    record = Record()
    record.add("requests", [Request("load->shop", "o", what, 1, at, at, at + 0.1, said, "") for what, at, said in rows])
    record.add("logs", logs)
    record.add("events", events)
    return record.close(make_info(lab="lab08_workers", load_s=10.0, seconds=12.0))


DELIVERED = [log("partner", "delivered", 2.0, right=True)]


@pytest.mark.parametrize(
    ("asked", "status", "logs", "events", "false"),
    [
        (1.05, 404, [], [], {}),
        (1.2, 202, [], [], {}),
        (2.0, 200, DELIVERED, [], {}),
        (3.1, 202, DELIVERED, [], {}),
        (1.2, 200, DELIVERED, [], {"false_status": 1}),
        (1.2, 200, DELIVERED, [KILL], {"false_status": 1}),
        (1.2, 404, [], [], {"not_known": 1}),
        (1.2, 404, [], [KILL], {}),
        (3.3, 202, DELIVERED, [], {"not_told": 1}),
        (3.3, 202, DELIVERED, [KILL], {}),
        (1.2, 202, [log("auditor", "audit", 9.0, status=200)], [], {"false_status": 1}),
        (1.2, 202, [*DELIVERED, log("auditor", "audit", 9.0, status=200)], [], {}),
    ],
)
def test_statuses_that_cannot_be_true(
    asked: float, status: int, logs: Sequence[Log], events: Sequence[Event], false: Mapping[str, int]
) -> None:
    """Delivered before the partner has it; and, without a kill, unknown after a yes, accepted long after the delivery."""
    assert readings.false_statuses(run_of(asked, status, logs, events)) == {**NOTHING, **false}


@pytest.mark.parametrize(("status", "known"), [(404, False), (202, True), (200, True), (500, True), (0, False)])
def test_an_order_that_nobody_ordered_is_unknown(status: int, known: bool) -> None:
    """Whoever says another thing, or raises, does not know that it is unknown; who cannot be reached says nothing."""
    run = run_of(1.2, 202, [log("auditor", "never ordered", 9.0, status=status)])
    assert readings.known_of_none(run) is known


def test_what_the_shop_does_not_know_was_in_memory_or_never_committed() -> None:
    """A status of 404 cannot tell the two apart, so the sentence names both."""
    reason, why = checks.LOST[404]
    assert reason == "not_durable"
    assert "in its memory, or in a transaction that was never committed" in why


def test_more_than_the_cores_can_make_is_all_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was being made as the rush began counts in it: no share is above 100 %."""
    monkeypatch.setattr(checks.readings, "pace", lambda run, start, end: 1.07 * checks.CAPACITY)
    found = checks.knee({"rush": run_of(2.0, 200, []), "day": run_of(2.0, 200, [])})
    assert (found.passed, found.measured) == (True, 1.0)
