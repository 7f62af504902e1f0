"""What lab04 reads of a record: orders stored by half, connections held for the partner, statements that a worker ended."""

from __future__ import annotations

import json

from labs.kit import names
from labs.kit.model.record import Log, Record, Run, Sample
from labs.lab04_connections import checks, readings
from labs.lab04_connections.scenarios import REPORT_AT_S, RESTART_AT_S, SLOW_AT_S, SLOW_UNTIL_S
from tests.kit.handmade import make_info, make_request

SILENT = (SLOW_AT_S + RESTART_AT_S) / 2


def said(at: float, event: str, error_type: str = "", **fields: object) -> Log:
    """A log line of the database."""
    return Log(at, "database", "info", event, "", error_type, json.dumps(fields))


def run_of(*logs: Log, sitting: tuple[tuple[float, float], ...] = (), opened: tuple[tuple[float, float], ...] = ()) -> Run:
    """A run with these lines, and with so many sessions in a transaction, or open at all, at these seconds."""
    record = Record()
    record.add("logs", logs)
    record.add("samples", [Sample(at, names.IN_TRANSACTION, "database", n) for at, n in sitting])
    record.add("samples", [Sample(at, names.CONNECTIONS, "database", n) for at, n in opened])
    return record.close(make_info(lab="lab04_connections"))


def test_a_number_without_a_price_is_half_an_order() -> None:
    """Whole orders are none."""
    rows = [said(9.0, "row", name="order-1", number=1, price=5), said(9.0, "row", name="order-2", number=2, price=None)]
    assert readings.halves(run_of(*rows)) == ["order-2"]


def test_sessions_in_a_transaction_while_the_partner_is_silent_are_held_for_it() -> None:
    """Those that were lost before do not count, nor those of another time."""
    held = ((SLOW_AT_S, 3.0), (SILENT, 12.0), (SLOW_UNTIL_S + 1, 20.0))
    assert readings.held_for_partner(run_of(sitting=held)) == 9
    assert readings.held_for_partner(run_of(sitting=((SLOW_AT_S, 3.0), (SILENT, 3.0)))) == 0
    assert readings.held_for_partner(run_of()) == 0


def test_an_order_lost_while_the_partner_is_silent_is_not_held_for_it() -> None:
    """Who had his price and is sold out may leave his session in a transaction; those before are in the first count."""
    lost = [said(SLOW_AT_S + 0.01 * n, "sold out: order-1") for n in range(-2, 7)]
    sitting = ((SLOW_AT_S - 0.005, 3.0), (SILENT, 12.0))
    assert readings.held_for_partner(run_of(*lost, sitting=sitting)) == 12 - 3 - 7


def test_sessions_opened_after_the_restart_without_a_price_are_held_as_well() -> None:
    """Counted from when the server takes sessions again; if it is late, none are looked at."""
    opened = ((1.0, 16.0), (2.0, 9.0), (SLOW_UNTIL_S + 0.1, 16.0))
    assert readings.held_for_partner(run_of(said(1.9, "ready"), opened=opened)) == 9
    assert readings.held_for_partner(run_of(said(SLOW_UNTIL_S + 0.05, "ready"), opened=opened)) == 0


def test_an_order_whose_statement_the_worker_ended_was_told() -> None:
    """As many errors that came after a wait are excused as statements were canceled; errors that come at once never are."""
    record = Record()
    waited = [make_request(REPORT_AT_S + n / 100, 1.0, 500, link="load->front", request_id=f"w-{n}") for n in range(40)]
    record.add("requests", waited)
    record.add("logs", [said(REPORT_AT_S + 1.2, "canceling statement", readings.CANCELED)] * 30)
    found = checks.told_no({"peak": record.close(make_info(lab="lab04_connections"))})
    assert (found.passed, found.measured) == (True, 10)
    record = Record()
    at_once = [make_request(REPORT_AT_S + n / 100, 0.01, 500, link="load->front", request_id=f"w-{n}") for n in range(40)]
    record.add("requests", at_once)
    record.add("logs", [said(REPORT_AT_S + 1.2, "canceling statement", readings.CANCELED)] * 30)
    found = checks.told_no({"peak": record.close(make_info(lab="lab04_connections"))})
    assert (found.passed, found.measured, found.reason) == (False, 40, "errors")


def test_refusals_are_those_of_the_run() -> None:
    """A session refused after the end belongs to the clean-up: the chart does not count it, and no figure does."""
    record = Record()
    counted = ((0.0, 0.0), (3.0, 100.0), (11.9, 101.0), (12.3, 102.0))
    record.add("samples", [Sample(at, names.REFUSED_CONNECTIONS, "database", count) for at, count in counted])
    assert readings.refusals(record.close(make_info(lab="lab04_connections"))) == 101
