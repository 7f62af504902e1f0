"""What is asked of the shop, what the database does with it, and what goes wrong meanwhile."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

WORKERS = ("api-1", "api-2")
PLACES = 20
"""Sessions that the database has room for, those of both workers together."""
FILES = 90
"""Files and sockets that one worker may hold open."""
AT_PARTNER = 16
"""Requests that the partner's contract allows at once."""
RESERVE_S = 0.2
"""How long an order holds a connection: the database needs so long to find a place."""
SOLD_OUT = 0.4
"""The share of orders for which there is none."""
NO_WITHIN_S = 0.5
"""How long an order may wait for a connection before it is told no."""
PATIENCE_S = 4.0

CALM, PEAK = 10.0, 40.0
"""Orders a second."""
PEAK_AT_S, REPORT_AT_S, CALM_AT_S, LOAD_S = 1.0, 3.5, 5.5, 7.5
"""When the peak begins, when the report begins, when both end, when the load ends."""
SETTLE_S = 1.0
SEND_LAG_S = 0.25
"""How late the load may be: the checks count, and what they time is a second and more."""
SLOW_AT_S, SLOW_UNTIL_S = 0.8, 3.4
"""When the partner answers nobody."""
RESTART_AT_S, RESTART_S = 1.3, 0.4
LEAVE_AT_S, LEAVE_UNTIL_S, OUTAGE_LOAD_S = 5.0, 6.6, 8.0
"""When customers begin and cease to leave before their answers, and when the load ends."""
CONFIRM_S = 0.2
"""How long the database needs meanwhile to confirm an order; at other times that takes no time."""
LEAVES_S = (0.15, 0.33)
"""When such a customer leaves: while a place is sought for him, or while it is confirmed."""


@dataclass(frozen=True)
class Pace:
    """How long the database takes to find a place, in seconds, and for which share of orders there is none."""

    reserve_s: float = RESERVE_S
    sold_out: float = SOLD_OUT


SETUP = """
    create schema shop;
    create table shop.pace as
        select {reserve_s}::float as reserve_s, {slow_from}::float as slow_from, {slow_until}::float as slow_until,
               {sold_out}::float as sold_out, {confirm_s}::float as confirm_s, {leave_from}::float as confirm_from,
               {leave_until}::float as confirm_until;
    create table shop.orders (number serial primary key, name text not null, price integer);

    create function shop.reserve(wanted text) returns integer
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    declare
        pace shop.pace;
        wait float;
        made integer;
    begin
        select * into pace from shop.pace;
        wait := pace.reserve_s;
        if run.seconds() between pace.slow_from and pace.slow_until then  -- the report holds its lock until then
            wait := wait + pace.slow_until - run.seconds();
        end if;
        perform pg_sleep(wait);
        if random() < pace.sold_out then
            raise exception 'sold out: %', wanted;
        end if;
        insert into shop.orders (name) values (wanted) returning number into made;
        return made;
    end $$;

    create function shop.confirm(reserved integer, agreed integer) returns void
        language plpgsql security definer set search_path = pg_catalog, pg_temp as $$
    begin
        perform pg_sleep(confirm_s) from shop.pace where run.seconds() between confirm_from and confirm_until;
        update shop.orders set price = agreed where number = reserved;
    end $$;
    grant usage on schema shop to app;
"""
REPORT_SQL = "select name, number, price from shop.orders order by number"


def order(index: int, rng: Draws) -> HttpRequest:
    """The i-th order. Two of three customers leave at the time of the outages when customers do."""
    name = rng.named("order", index)
    first, end = rng.settings["leavers"]
    leaves = first <= index < end and index % 6 < 4  # the front deals out in turn: as many to each worker
    patience_s = LEAVES_S[index % 6 // 2] if leaves else PATIENCE_S
    return HttpRequest("POST", f"/order?name={name}", name, patience_s=patience_s)


Span = tuple[float, float]
"""From and until, in seconds of the run."""


def settings(
    report: Span = (0, 0), partner_slow: Span = (0, 0), leave: Span = (0, 0), pace: Pace = Pace()
) -> dict[str, Any]:
    """The settings of a scenario: the database's, the partner's, and the numbers of the orders whose customers may leave."""
    waits = {"slow_from": report[0], "slow_until": report[1], "leave_from": leave[0], "leave_until": leave[1]}
    return {
        "max_connections": PLACES,
        "database_setup": SETUP.format(confirm_s=CONFIRM_S, **waits, **vars(pace)),
        "leavers": [round(PEAK * at) for at in leave],
        "database_report": REPORT_SQL,
        "partner_ms": 30.0,  # how long the partner takes for a price
        "partner_slow": partner_slow,  # when it answers nobody
        "partner_fails": 0.1,  # the share of prices that it does not give, with a long page of error in their place
        "page_bytes": 200_000,
    }


def peak(pace: Pace = Pace()) -> Scenario:
    """Calm, four times the orders, a report that locks the orders' table, calm again."""
    before, after = Phase(CALM, PEAK_AT_S, "constant"), Phase(CALM, LOAD_S - CALM_AT_S, "constant")
    load = (before, Phase(PEAK, CALM_AT_S - PEAK_AT_S), after)
    return Scenario("peak", load, (), settings(report=(REPORT_AT_S, CALM_AT_S), pace=pace), SETTLE_S, SEND_LAG_S)


def outages(pace: Pace = Pace()) -> Scenario:
    """The orders of the peak all the time. The partner answers nobody, and meanwhile the database restarts; then customers
    leave."""
    restart = faults.DatabaseRestart(at_s=RESTART_AT_S, seconds=RESTART_S)
    told = settings(partner_slow=(SLOW_AT_S, SLOW_UNTIL_S), leave=(LEAVE_AT_S, LEAVE_UNTIL_S), pace=pace)
    return Scenario("outages", (Phase(PEAK, OUTAGE_LOAD_S, "constant"),), (restart,), told, SETTLE_S, SEND_LAG_S)


SCENARIOS = {"peak": peak(), "outages": outages()}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own figures."""
    pace = Pace(rng.uniform(0.19, 0.22), rng.uniform(0.37, 0.43))
    return {"peak": peak, "outages": outages}[scenario.name](pace)
