"""The evenings in the town: one page, "orders fail", and three causes behind it; two evenings on which all is well.

    load -> gateway -> orders -> payments -> bank        (labs.town)

No service of the town runs the repair: an operator follows the repair's RUNBOOK.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from random import Random
from typing import Any

from labs import town
from labs.kit import Desk, Draws, HttpRequest, Phase, Scenario, SubmissionError, faults, literal
from labs.town import load as customers

SERVICES = tuple(service.name for service in town.SERVICES)
MARKET = "market"
"""The client that sends a part of the orders, and on one evening far too many."""
MARKETS = 0.1
"""The market's share of the orders on every evening."""
IMPORT = "import"
"""The orders that the market sends too many are named import-1, import-2, ..."""
ATTEMPTS = 4
POLICIES = {"orders": {"ATTEMPTS": ATTEMPTS, "BUDGET": 10.0}, "store": {"SYNC_MS": 1900.0}}

CALM_S, LOAD_S, SETTLE_S = 8.0, 54.0, 2.0
STALL_S, CROWD_S, SLOW_S = 16.0, 13.0, 20.0
CROWD = 60.0
"""Orders a second that the market sends beside the others."""
WELL_S = 12.0
"""So long after the cause is gone, all must be well again."""
SINGLE_S, SINGLE = 10.0, 0.2
"""The last seconds of the load, in which the bank declines this share at once: retries hide it."""

FORM = 'RUNBOOK = """..."""'
RUNBOOK_FAULTS = ("stall", "crowd", "slow_store")
PREFIX = "without_"
BY_HAND = "by_hand"
CALLED_PAGE = "page offered < 14 for 0.5 s"
"""The page that calls an operator by hand: the load is lower for a moment on that evening alone."""


def request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request: as the town's customers ask; between two numbers most are orders that the market imports."""
    first, last, share = rng.settings.get("crowd", (0, 0, 0.0))
    if first <= index < last and rng.random() < share:
        return _order(rng.named(IMPORT, index), MARKET, rng.randrange(100, 10_000))
    asked = customers.request(index, rng)
    if asked.method == "GET":
        return asked
    told = json.loads(asked.body)
    return _order(told["id"], MARKET if rng.random() < MARKETS else "shop", told["cents"])


def _order(name: str, client: str, cents: int) -> HttpRequest:
    body = json.dumps({"id": name, "cents": cents, "client": client})
    return HttpRequest("POST", "/orders", name, body.encode(), patience_s=customers.PATIENCE_S)


def client(request: HttpRequest) -> str:
    """Who sends a request."""
    return str(json.loads(request.body)["client"]) if request.method == "POST" else ""


DESK = Desk(restarts=town.DESK.restarts, settings=town.DESK.settings, client=client)


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with an answer 2xx."""
    return customers.wrong(request, body, settings)


def _evening(
    name: str,
    cause: tuple[float, float] | None = None,
    some: tuple[Any, ...] = (),
    changes: tuple[Any, ...] = (),
    **more: Any,
) -> Scenario:
    """An evening with single errors at its end. The judge alone is told when its cause begins and ends."""
    load = more.pop("load", None) or (Phase(customers.RATE, LOAD_S, "constant"),)
    seconds = sum(phase.seconds for phase in load)
    single = (seconds - SINGLE_S, "bank", "ERRORS", SINGLE, "")
    settings = {"town": True, "policies": POLICIES, "changes": (*changes, single), **more}
    told = " ".join(f"{second:g}" for second in cause or ())
    return Scenario(name, load, some, settings, SETTLE_S, services=SERVICES, entry=town.ENTRY, answer=told)


def stall(begins_s: float = CALM_S, seconds: float = STALL_S) -> Scenario:
    """The bank stands still for a moment, and the retries go on when it is back."""
    some = (faults.Stall(link="payments->bank", at_s=begins_s, seconds=seconds),)
    return _evening("stall", (begins_s, begins_s + seconds), some)


def crowd(begins_s: float = CALM_S, seconds: float = CROWD_S) -> Scenario:
    """The market sends more orders than the bank takes from everybody."""
    rate = customers.RATE
    after = LOAD_S - begins_s - seconds
    load = (
        Phase(rate, begins_s, "constant"), Phase(rate + CROWD, seconds, "constant"), Phase(rate, after, "constant"),
    )  # fmt: skip
    first = round(rate * begins_s)
    range_ = (first, first + round((rate + CROWD) * seconds), CROWD / (rate + CROWD))
    return _evening("crowd", (begins_s, begins_s + seconds), load=load, crowd=range_)


def slow_store(begins_s: float = CALM_S, seconds: float = SLOW_S) -> Scenario:
    """A change makes the store wait for a replica that is far away. After a while somebody takes the change back."""
    ends_s = begins_s + seconds
    changes = ((begins_s, "store", "SYNC", 1, ""), (ends_s, "store", "SYNC", 0, ""))
    return _evening("slow_store", (begins_s, ends_s), changes=changes)


def _well(name: str, **more: Any) -> Scenario:
    seconds = 22.0
    return _evening(name, load=more.pop("load", None) or (Phase(customers.RATE, seconds, "constant"),), **more)


def healthy() -> Scenario:
    """Nothing happens, but for single errors."""
    return _well("healthy")


def deploy(at_s: float = CALM_S) -> Scenario:
    """Orders is deployed anew, as it was."""
    return _well("deploy", some=(faults.Kill(service="orders", at_s=at_s, seconds=0.5),))


def by_hand() -> Scenario:
    """An operator is called although all is well: he is called while there is a little less to do."""
    return _well(BY_HAND, load=(Phase(10.0, 3.0, "constant"), Phase(customers.RATE, 47.0, "constant")))


OPERATED = {s.name: s for s in (stall(), crowd(), slow_store(), healthy(), deploy(), by_hand())}
WITHOUT = {PREFIX + name: OPERATED[name].with_(name=PREFIX + name, exhibit=0) for name in RUNBOOK_FAULTS}
"""The same evenings without an operator: they are the same for everybody."""
TOWN = {**OPERATED, **WITHOUT}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The evening at other times, and longer or shorter; the one without an operator like the one with him."""
    name = scenario.name.removeprefix(PREFIX)
    if name in RUNBOOK_FAULTS:
        begins_s, longer = CALM_S + rng.choice((-1.5, -0.5, 0.5, 1.5)), rng.choice((0.9, 1.0, 1.1))
        made = {
            "stall": lambda: stall(begins_s, STALL_S * longer),
            "crowd": lambda: crowd(begins_s, CROWD_S * longer),
            "slow_store": lambda: slow_store(begins_s, SLOW_S * longer),
        }[name]()
        return made.with_(name=scenario.name, exhibit=scenario.exhibit)
    return deploy(CALM_S + rng.choice((-2.0, -1.0, 1.0))) if name == "deploy" else scenario


def tailored(source: str, scenario: Scenario) -> Scenario:
    """The evening with an operator who follows this repair's runbook."""
    if "town" not in scenario.settings or scenario.exhibit is not None or scenario.runbook:
        return scenario
    text = literal(source, "RUNBOOK", FORM, appended=True) or ""
    if not isinstance(text, str):
        raise SubmissionError(f"RUNBOOK is no text; expected {FORM}")
    text = text.strip("\n")
    if scenario.name == BY_HAND:
        text = re.sub(r"(?m)^\s*page\s.*$", CALLED_PAGE, text)
    return scenario.with_(runbook=text)
