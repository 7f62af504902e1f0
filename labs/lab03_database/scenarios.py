"""What is asked of the shop. The scenario `quiet` does one thing after another, so that each can be measured alone; `sale`
does everything at once, and more of it."""

from __future__ import annotations

from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario
from labs.lab03_database.data import CUSTOMERS, ORDERS, RESELLERS

FOR_RESELLERS = 0.3
"""The share of requests that ask for the orders of a reseller."""
ARCHIVE_PAGE = 50
LAST_PAGE = ORDERS // ARCHIVE_PAGE
FIRST_DEEP_PAGE = 1_000
"""The partner reads the archive from here on: order 50,000 and later."""
NEWEST_PAGES = 10
"""The last pages, which the partner leaves alone: orders that come in the run stand behind them."""

# The parts of `quiet`, in seconds of the run: customers' pages, then the archive, then imports; a pause after each, the
# first one long: an index that is worse than none leaves two seconds of work behind, which is not the archive's.
PAGES_S = (0.0, 7.0)
ARCHIVE_S = (10.0, 13.0)
IMPORTS_S = (14.0, 18.5)
FULL_S = (17.9, 20.0)
"""In `quiet`, when the database's disk is full: the last file of orders cannot be stored."""
TAKEN_S = (8.0, 9.0)
"""In `quiet`, when the partner sends a large file whose last order has an id that is taken, and a file of such an order."""
ASKED_IN_STALL_S = (18.6, 19.0)
STALL_S = (18.6, 19.95)
"""In `quiet`, when the database holds every statement: longer than the shop waits. A page is asked for as it begins."""
QUIET_SETTLE_S = 1.5
PAUSE_S = 0.9
"""How long after its last request a part may still be at work; it belongs to that part."""

QUIET: dict[str, Any] = {
    "probe_every_s": 1.0,  # the partner looks at a customer's page, changes an order, looks again
    "probe_s": PAGES_S,
    "updates": True,
    "archive_every_s": 0.25,  # the partner reads one page of the archive
    "archive_s": ARCHIVE_S,
    "import_every_s": 0.75,  # the partner sends a file of orders
    "import_s": IMPORTS_S,
    "file_orders": 40,
    "full_s": FULL_S,  # when the database refuses every transaction
    "gaps": 150,  # the warehouse deletes so many orders before the first page of the archive is read, one before the others
    "between_files": 2,  # so many are each stored after the first statement of a page that its customer asks for
    "taken_s": TAKEN_S,  # when the partner sends a file that must be refused
    "taken_every_s": 0.5,
    "taken_orders": 210,  # more than are stored in one piece by whoever stores pieces of 200
    "stalled_s": ASKED_IN_STALL_S,  # when the partner asks for a page in vain
    "stalled_every_s": 0.3,
    "stall_s": STALL_S,
}
BEFORE_S, SALE_S, AFTER_S = 2.0, 4.0, 3.0
"""The scenario `sale`: an ordinary hour, the sale, an ordinary hour, in seconds each."""
ORDINARY_RATE = 8.0
OPEN_S = (0.5, BEFORE_S + SALE_S + AFTER_S)
SALE: dict[str, Any] = {
    **QUIET, "probe_s": OPEN_S, "probe_every_s": 0.5, "updates": False,
    "archive_every_s": 0.5, "archive_s": OPEN_S, "import_every_s": 1.5, "import_s": OPEN_S,
    "full_s": (0.0, 0.0), "gaps": 0, "between_files": 0,
    "taken_s": (0.0, 0.0), "stalled_s": (0.0, 0.0), "stall_s": (0.0, 0.0),
}  # fmt: skip


def visit(index: int, rng: Draws) -> HttpRequest:
    """The i-th request of the load: a customer opens the page of the own orders."""
    reseller = rng.random() < FOR_RESELLERS
    customer = rng.randint(1, RESELLERS) if reseller else rng.randint(RESELLERS + 1, CUSTOMERS)
    return HttpRequest("GET", f"/orders?customer={customer}", rng.named("visit", index))


def quiet(rate: float = 3.0) -> Scenario:
    """Three pages a second, then the archive, then imports."""
    first, last = PAGES_S
    load = (Phase(rate, last - first), Phase(0.0, IMPORTS_S[1] - last))
    return Scenario("quiet", load, (), QUIET, settle_s=QUIET_SETTLE_S)


def sale(rate: float = 50.0) -> Scenario:
    """For four seconds six times the visitors, while the partner reads and imports."""
    load = (Phase(ORDINARY_RATE, BEFORE_S), Phase(rate, SALE_S), Phase(ORDINARY_RATE, AFTER_S))
    return Scenario("sale", load, (), SALE, settle_s=1.0)


SCENARIOS = {"sale": sale(), "quiet": quiet()}


INCIDENT_S = (0.5, 26.0)
INCIDENT = sale().with_(
    name="incident",
    load=(Phase(ORDINARY_RATE, BEFORE_S), Phase(50.0, 14.0), Phase(ORDINARY_RATE, 10.0)),
    settings={"probe_s": INCIDENT_S, "archive_s": INCIDENT_S, "import_s": INCIDENT_S},
)
"""A sale that lasts longer, for an operator."""


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own figures."""
    if scenario.name == "sale":
        return sale(rng.uniform(48, 55))
    return quiet(rng.uniform(2.7, 3.2)).with_(settings={"file_orders": rng.randint(35, 45)})
