"""What lab00's checks stand on: what goes wrong with an order, the way through a trace, and the burn rate."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest

from labs import lab00_signals
from labs.kit.model.load import draws
from labs.kit.model.record import Log, Record, Run, Span
from labs.lab00_signals import checks, readings, trouble
from labs.lab00_signals.scenarios import ANSWERED, LEAVING, NOTED, RUSH, SETTINGS, order
from tests.kit.handmade import make_info, make_request

T = "a" * 32


def span(name: str, parent: str, host: str, start: float = 0.0, end: float = 1.0) -> Span:
    """A span of the trace T whose id is its name."""
    return Span(T, name, parent, host, "POST /orders", start, end, "UNSET", "{}")


def way(*spans: Span) -> tuple[str, ...]:
    """The way from the last of these spans up."""
    return readings.way(spans[-1], {s.span_id: s for s in spans})


def run_of(*orders: tuple[str, str, str, int], logs: tuple[Log, ...] = ()) -> Run:
    """A run with these orders, one a second: (name, product, error met, status)."""
    record = Record()
    for at, (name, product, met, status) in enumerate(orders):
        record.add("requests", [make_request(float(at), 0.03, status, link="load->gateway", request_id=name)])
        noted = {"order": name, "product": product, "met": met, "work_s": 0.008, "trace_id": T, "span_id": "edge"}
        edge = "gateway", "debug"
        body = {"error": met} if status >= 400 else {"order": name, "product": product, "cents": trouble.cents(product)}
        answer = {"status": status, "bytes": 1, "body": json.dumps(body), "returned": name}
        notes = [Log(at, *edge, NOTED, name, "", json.dumps(noted)), Log(at, *edge, ANSWERED, name, "", json.dumps(answer))]
        record.add("logs", notes)
    record.add("logs", logs)
    return record.close(make_info(lab="lab00_signals"))


def error(order: str, host: str, at: float, error_type: str = "DiskFull", level: str = "error") -> Log:
    """An error log."""
    return Log(at, host, level, "request failed", order, error_type, "{}")


def test_what_goes_wrong_is_the_same_for_whoever_asks() -> None:
    """The gateway and the service come to the same error, and about two in a hundred orders meet one of the stock book."""
    names = [f"order-{n}" for n in range(4_000)]
    first = [type(trouble.stock_error(7, name, SETTINGS)).__name__ for name in names]
    assert first == [type(trouble.stock_error(7, name, SETTINGS)).__name__ for name in names]
    assert first != [type(trouble.stock_error(8, name, SETTINGS)).__name__ for name in names]
    share = 1 - first.count("NoneType") / len(names)
    assert 0.010 < share < 0.020


def test_stock_is_written_before_the_price_is_asked() -> None:
    """An order that would meet both errors meets that of the stock book, and never comes to pricing."""
    settings = {**SETTINGS, "disk_full": 1.0}
    assert trouble.first_error(0, "order-1", "chair-9", settings) == "DiskFull"
    assert trouble.first_error(0, "order-1", "chair-9", {**settings, "disk_full": 0, "stock_locked": 0}) == "UnknownProduct"
    assert "pricing" not in trouble.PASSES["DiskFull"]


def test_an_order_of_the_rush_is_refused_before_pricing() -> None:
    """The rush comes in the scenario "leaving" alone, and each of its orders is refused before pricing's module sees it."""
    asked = {
        where: [order(index, draws(3, settings=settings)) for index in RUSH]
        for where, settings in ((1, LEAVING), (0, SETTINGS))
    }
    refused = {
        where: {trouble.refused(json.loads(request.body or b"")["product"]) for request in requests}
        for where, requests in asked.items()
    }
    assert refused == {1: {True}, 0: {False}}
    assert trouble.first_error(0, "order-1", "chair-0", {**SETTINGS, "disk_full": 0, "stock_locked": 0}) == "TooManyOrders"
    assert "pricing" not in trouble.PASSES["TooManyOrders"]


def test_the_way_up_a_trace_names_each_service_once() -> None:
    """Two spans of one service in a row are one step; the way ends at the root."""
    edge, shop = span("edge", "", "gateway"), span("shop", "edge", "shop")
    call, leaf = span("call", "shop", "shop"), span("leaf", "call", "inventory")
    assert way(edge, shop, call, leaf) == ("inventory", "shop", "gateway")


def test_the_way_ends_where_a_parent_is_missing_or_goes_round() -> None:
    """A parent that nobody sent ends it; two spans that are each other's parents do not go on for ever."""
    assert way(span("leaf", "nobody", "pricing")) == ("pricing",)
    assert way(span("a", "b", "shop"), span("b", "a", "pricing")) == ("pricing", "shop")


def test_a_failure_logged_once_in_each_service_is_told() -> None:
    """Shop and inventory, which a full disk passes, have one error log each: nothing is missing."""
    logs = (error("order-0", "inventory", 0.02), error("order-0", "shop", 0.03))
    found = checks.told({"leaving": run_of(("order-0", "chair-1", "DiskFull", 500), logs=logs)})
    assert (found.passed, found.measured) == (True, 1.0)


@pytest.mark.parametrize(
    ("logs", "reason"),
    [
        ((), "not_logged"),
        ((error("order-0", "shop", 0.03),), "not_in_each_service"),
        ((error("order-0", "shop", 0.03, ""), error("order-0", "inventory", 0.02, "")), "no_error_type"),
        ((error("order-0", "shop", 0.03), *(error("order-0", "inventory", 0.02),) * 2), "logged_again"),
        ((error("", "shop", 0.03), error("", "inventory", 0.02)), "no_id"),
        ((error("order-5", "shop", 0.03), error("order-5", "inventory", 0.02)), "other_id"),
        (
            (error("order-0", "shop", 0.03, level="warning"), error("order-0", "inventory", 0.02, level="warning")),
            "only_a_warning",
        ),
    ],
)
def test_what_is_wrong_with_the_logs_is_named(logs: tuple[Log, ...], reason: str) -> None:
    """Each way to tell of a failure badly has a reason of its own."""
    found = checks.told({"leaving": run_of(("order-0", "chair-1", "DiskFull", 500), logs=logs)})
    assert (found.passed, found.reason) == (False, reason)


def test_only_the_gateway_can_say_how_an_order_was_answered() -> None:
    """A service that runs the repair writes a note in the gateway's words: nobody reads it."""
    note = json.dumps({"status": 500, "bytes": 1, "body": "", "returned": ""})
    forged = Log(0.5, "shop", "debug", ANSWERED, "order-0", "", note)
    [order] = readings.orders(run_of(("order-0", "chair-1", "DiskFull", 200), logs=(forged,)))
    assert order.status == 200


def test_an_error_log_for_a_good_order_is_a_false_alarm() -> None:
    """Of two error logs one names an order that met no error: half of them are true."""
    orders = (("order-0", "chair-1", "DiskFull", 500), ("order-1", "chair-1", "", 200))
    found = checks.quiet({"leaving": run_of(*orders, logs=(error("order-0", "shop", 0.03), error("order-1", "shop", 1.03)))})
    assert (found.passed, found.reason, found.measured) == (False, "false_alarms", 0.5)


def test_an_order_without_an_answer_is_no_honest_failure() -> None:
    """An order that came and was never answered counts as wrong, and is called by its name."""
    run = run_of(("order-0", "chair-1", "DiskFull", 500))
    run.db.conn.execute("delete from logs where event = ?", [ANSWERED])
    found = checks.honest({"leaving": run})
    assert (found.passed, found.reason) == (False, "not_answered")


def test_the_orders_of_both_scenarios_are_the_same() -> None:
    """But for the rush, an order that a check names is the same order in "orders"."""
    both = [[order(i, rng) for i in range(200)] for rng in (draws(3, settings=SETTINGS), draws(3, settings=LEAVING))]
    differ = [i for i, (one, other) in enumerate(zip(*both, strict=True)) if one.body != other.body]
    assert differ == list(RUSH)
    assert [one.request_id for one in both[0]] == [other.request_id for other in both[1]]


def test_the_id_of_a_request_is_not_the_name_in_its_order() -> None:
    """Each id once, and none of them stands in the body: a service that sends the order's name on has lost the id."""
    rng = draws(3)
    asked = [order(index, rng) for index in range(2_000)]
    assert len({request.request_id for request in asked}) == len(asked)
    assert not any(request.request_id in (request.body or b"").decode() for request in asked)


def traced(status: str) -> tuple[str, str]:
    """What is wrong with the trace of an order that met a full disk, if the span of inventory has this status."""
    [order] = readings.orders(run_of(("order-0", "chair-1", "DiskFull", 500)))
    leaf = replace(span("leaf", "shop", "inventory"), status=status)
    return checks.traced_how(order, [span("edge", "", "gateway"), span("shop", "edge", "shop"), leaf], set())


def test_the_span_in_which_an_order_failed_says_so() -> None:
    """With the status of an error nothing is wrong; without, the service where it failed is named."""
    assert traced("ERROR") == checks.RIGHT
    reason, words = traced("UNSET")
    assert (reason, "no span of inventory says that it failed" in words) == ("not_marked", True)


def test_the_burn_rate_is_the_share_of_failures_over_the_budget() -> None:
    """One order of four failed, one in a hundred may: 25 times too fast. The rule looks only at its window and signal."""
    run = run_of(*((f"order-{n}", "chair-1", "", 500 if n == 2 else 200) for n in range(10)))
    assert readings.burn(readings.orders(run)[:4], "5xx") == pytest.approx(25)
    assert readings.burn(readings.orders(run)[:4], "slow") == 0
    assert readings.fires_at(run, signal="5xx", burn_rate=20, window_s=4) == 4
    assert readings.fires_at(run, signal="5xx", burn_rate=20, window_s=8) is None
    assert readings.fires_at(run, signal="empty", burn_rate=1, window_s=1) is None


@pytest.mark.parametrize(
    ("met", "status", "size", "shows"),
    [
        ("DiskFull", 200, 0, True),
        ("StockLocked", 200, 0, True),
        ("UnknownProduct", 200, 0, False),
        ("DiskFull", 500, 0, False),
        ("DiskFull", 200, 9, False),
        ("", 200, 0, False),
    ],
)
def test_an_order_that_failed_in_inventory_and_came_back_empty(met: str, status: int, size: int, shows: bool) -> None:
    """It is evidence only if it was called a success, has nothing in it, and ended before pricing."""
    run = run_of(("order-0", "chair-1", met, status))
    run.db.conn.execute("update logs set fields = json_set(fields, '$.bytes', ?) where event = ?", [size, ANSWERED])
    assert readings.empty_above_pricing(run, "order-0") is shows
    assert not readings.empty_above_pricing(run, "order-1")


def test_slow_and_whole_is_neither_fast_nor_failed() -> None:
    """An order of 30 ms is not slow; one that failed is not whole."""
    run = run_of(
        ("order-0", "lamp-1", "", 200), ("order-1", "lamp-9", "UnknownProduct", 500), ("order-2", "chair-1", "", 200)
    )
    run.db.conn.execute("update requests set done = sent + 0.3 where request_id != 'order-2'")
    assert [readings.slow_and_whole(run, f"order-{n}") for n in range(3)] == [True, False, False]


def test_the_lab_is_found_and_its_page_says_its_own_numbers() -> None:
    """25 orders a second, 12 and 8 ms, 0.2 s and 1 % stand in the text as the lab has them."""
    page = (lab00_signals.LAB.folder / "notebook.py").read_text(encoding="utf-8")
    scenario = lab00_signals.LAB.scenario("orders")
    assert f"--{scenario.load[0].rate:g} orders a second-->" in page
    assert f"takes {SETTINGS['stock_ms']:g} ms" in page
    assert f"takes {SETTINGS['price_ms']:g} ms" in page
    assert f"longer than {readings.SLOW_S:g} s, in percent" in page
    assert f"{readings.OBJECTIVE:.0%} of the orders".replace("%", " %") in page.replace("\n# ", " ")
