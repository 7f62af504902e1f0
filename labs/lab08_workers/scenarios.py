"""What is asked of the shop, and what goes wrong meanwhile; and the few numbers of lab08."""

from __future__ import annotations

import json
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults
from labs.lab08_workers.rendering import CORES, least_s

MACHINE_CORES = 16
"""What the machine under the shop's container has: os.cpu_count() says so."""
LINES = 20
"""Lines of each order."""
RENDER_S = least_s(LINES)
CAPACITY = CORES / RENDER_S
"""Invoices a second that the cores can make, if each line is measured once."""
PARTNER_S = 0.2
PATIENCE_S = 8.0

QUIET_S = 3.0
"""The day begins with so many seconds in which two orders a second come, one by one."""
QUIET_RATE = 4.0
DAY_RATE, DAY_S = 24.0, 4.0
RUSH_RATE, RUSH_S = 52.0, 6.0
KILL_RATE = 4.0
BURST_RATE, BURST_S = 72.0, 0.25
"""Just before each kill: what is in the queue, and in the making, is what a kill can lose."""
KILLS_S = (1.37, 3.11, 9.83)
KILLS_LOAD_S, KILLS_SETTLE_S = 10.5, 9.0
AUDIT_S, AUDIT_ORDERS = 0.7, 60
AGAIN_S = 4.0
"""So long after the load of `kills`, customers who heard no yes order again: one order of the load, and a new one."""
NEW_ORDER, TWIN_ORDER, MET_ORDER, NO_ORDER = 100_000, 110_000, 120_000, 200_000
"""The numbers of the new one, of one that is ordered twice at once just before a kill, of one that meets a backup, and of
one that nobody orders: the load does not come so far."""
BACKUP_S = 0.08
"""So long before the first and the last kill a backup begins to copy the database, and nobody can write to it meanwhile, nor
claim a job. The second kill ends workers that have claimed one."""
OTHER_BACKUPS_S = (0.7, 2.3, 5.6, 10.2)
"""After these no kill comes: who knows when a backup begins does not know when the process ends."""
TWIN_S = 0.04
"""So long before the first kill, while a backup holds the database, an order comes twice at once: neither can be stored."""
MET_BACKUP, MET_S = 2, 0.01
"""An order comes so long after the begin of this one of the other backups, which then lasts for 0.11 s more."""
DOWN_S = 0.4
PARTNER_FAILS_S = (0.3, 5.0)
"""So long before the second and the last kill the partner begins to answer with errors, until the kill."""
DEPLOY_RATE = 60.0
STOP_AT_S = 4.0
GRACE_S = 1.5
"""From the order to stop until the process is killed."""

SETTINGS: dict[str, Any] = {
    "partner_s": PARTNER_S, "stop_at_s": 0.0, "audit_at_s": 0.0, "audit_orders": 0, "ordered_at_s": (),
    "backups_s": (),
}  # fmt: skip
STATUS_AFTER = 12
"""The load asks for the status of the order that came so many orders before."""
_ARTICLES = ("tea", "coffee, whole beans", "a kettle of enamelled steel, 2 l", "cups", "a wooden tray with two handles")


def lines_of(order: str) -> list[str]:
    """The lines of an order: the same for its name, whoever asks."""
    rng = Random(order)
    return [f"{rng.randint(1, 9)} x {rng.choice(_ARTICLES)}, no. {rng.randrange(10_000, 100_000)}" for _ in range(LINES)]


def visit(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: each second one is an order, the others ask for an order's status or check health."""
    number = index // 2
    if index % 2 == 0:
        name = rng.named("order", number)
        body = json.dumps({"lines": lines_of(name)}).encode()
        return HttpRequest("POST", f"/invoices/{name}", name, body, patience_s=PATIENCE_S)
    path = "/health" if number % 2 else f"/status/{rng.named('order', max(0, number - STATUS_AFTER))}"
    return HttpRequest("GET", path, rng.named("visit", index), patience_s=PATIENCE_S)


def day(rate: float = DAY_RATE) -> Scenario:
    """A quiet morning, one order after the other, then an ordinary day."""
    load = (Phase(QUIET_RATE, QUIET_S, "constant"), Phase(rate, DAY_S))
    return Scenario("day", load, (), SETTINGS, settle_s=1.0)


def rush(rate: float = RUSH_RATE) -> Scenario:
    """More orders than the cores can make invoices for."""
    return Scenario("rush", (Phase(rate, RUSH_S),), (), SETTINGS, settle_s=0.5)


def kills(at_s: tuple[float, ...] = KILLS_S, rate: float = BURST_RATE) -> Scenario:
    """The shop's process is killed three times, each time in a burst; then an auditor asks for the status of each order.

    Before two of the kills a backup holds the lock of the database, so what is said to be stored then is not.
    Just before the second kill and for five seconds before the last, the partner answers with errors: those invoices are
    not delivered then, and must be later. The kill ends whatever an error has done to a worker, which is not asked here.
    """
    load: list[Phase] = []
    now = 0.0
    for at in at_s:
        load += [Phase(KILL_RATE, at - BURST_S - now), Phase(rate, BURST_S)]
        now = at
    load.append(Phase(KILL_RATE, KILLS_LOAD_S - now))
    killed = tuple(faults.Kill(service="shop", at_s=at, seconds=DOWN_S) for at in at_s)
    fails = [
        faults.ErrorStatus(service="partner", rate=1.0, at_s=at - seconds, seconds=seconds)
        for at, seconds in zip(at_s[1:], PARTNER_FAILS_S, strict=True)
    ]
    settings = {
        **SETTINGS,
        "audit_at_s": KILLS_LOAD_S + KILLS_SETTLE_S - AUDIT_S,
        "audit_orders": AUDIT_ORDERS,
        "ordered_at_s": (
            (round(at_s[0] - TWIN_S, 3), (TWIN_ORDER, TWIN_ORDER)),
            (OTHER_BACKUPS_S[MET_BACKUP] + MET_S, (MET_ORDER,)),
            (KILLS_LOAD_S + AGAIN_S, (0, NEW_ORDER, NEW_ORDER)),
        ),
        "backups_s": tuple(sorted([*OTHER_BACKUPS_S, *(round(at - BACKUP_S, 3) for at in (at_s[0], at_s[2]))])),
    }
    return Scenario("kills", tuple(load), (*killed, *fails), settings, settle_s=KILLS_SETTLE_S)


def deploy(rate: float = DEPLOY_RATE) -> Scenario:
    """In a rush the shop is told to stop; 1.5 s later its process is killed, and a new one started."""
    killed = faults.Kill(service="shop", at_s=STOP_AT_S + GRACE_S, seconds=DOWN_S)
    settings = {**SETTINGS, "stop_at_s": STOP_AT_S}
    return Scenario("deploy", (Phase(rate, STOP_AT_S),), (killed,), settings, settle_s=5.0)


SCENARIOS = {"day": day(), "rush": rush(), "kills": kills(), "deploy": deploy()}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own rates, and its own moments to kill."""
    if scenario.name == "day":
        return day(rng.uniform(22, 26))
    if scenario.name == "rush":
        return rush(rng.uniform(50, 56))
    if scenario.name == "kills":
        return kills(tuple(round(at + rng.uniform(-0.3, 0.3), 3) for at in KILLS_S), rng.uniform(68, 76))
    return deploy(rng.uniform(58, 62))
