"""What is asked of the storefront, and what becomes of the services it calls meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults

RATE = 33.0  # requests a second
PATIENCE_S = 2.0
"""How long a customer waits for an answer; then the connection is closed."""
SKUS = tuple(f"sku-{number}" for number in range(12))
CHECKOUTS, SEARCHES = (0, 5), (2, 8)  # of eleven requests; the other seven are product pages

MEDIAN_MS = {"payments": 60.0, "search": 40.0, "recommendations": 30.0}
"""Half of the answers of each service come sooner than this."""
HOLE, DRIP, SLOW = "hole", "drip", "slow"
"""A service in trouble accepts and never answers; answers a few bytes at a time; works for any time within SLOW_S."""
SLOW_S = (0.7, 4.0)
"""Some of it ends while the customer still waits, though later than he was promised; the rest after he has left."""
IN_WORDS = {HOLE: "never answers", DRIP: "answers drop by drop", SLOW: f"takes {SLOW_S[0]:g} to {SLOW_S[1]:g} s"}

FAULT_AT_S = 2.0
HOLE_S = 8.0
AFTER_S = 4.0
DRIP_S = 7.0
SLOW_FOR_S = 3.0
REFUSED_S, ERROR_S, HALF_S = (0.5, 1.5), (1.5, 2.5), (2.5, 3.5)
"""In `errors`, from when until when recommendations refuses connections, answers 500 (as search does then), and breaks off:
every other answer in its middle, the others before they begin. Payments does the last, too, and has moved the money then."""
ONE_ERROR_S = 5.5
"""In `errors`, long after all that, recommendations answers 500 once: the first call from then on."""
ERRORS_END_S = 7.0
RUSH, RUSH_S = 60, 0.75
"""In `slow`, so many more check out within so many seconds, as payments gets slow: 80 a second, where 6 are usual."""
CROWD = 100
"""In `errors`, so many come in the second in which recommendations answers 500; who does not search looks at a page."""
LOST_S, PAYERS = (3.5, 3.7), 16
"""In `errors`, when payments loses charges: it breaks off, and no money has moved; and how many check out then."""
FEWER = 12.0
"""In `errors`, requests a second after all that."""


def visit(index: int, rng: Draws) -> HttpRequest:
    """The i-th customer: of eleven, two check out, two search, seven look at a product.

    In a rush all check out; in a crowd who else would check out looks at a product.
    """
    name, turn = rng.named("visit", index), index % 11
    rush, crowd = (range(*rng.settings.get(more, (0, 0))) for more in ("rush", "crowd"))
    if index in rush or (turn in CHECKOUTS and index not in crowd):
        body = json.dumps({"id": name, "cents": rng.randrange(100, 10_000)})
        return HttpRequest("POST", "/checkout", name, body.encode(), PATIENCE_S)
    if turn in SEARCHES:
        return HttpRequest("GET", f"/search?words={words(name).replace(' ', '+')}", name, b"", PATIENCE_S)
    return HttpRequest("GET", f"/product?sku={rng.choice(SKUS)}", name, b"", PATIENCE_S)


def words(name: str) -> str:
    """What the customer of this name searches for, "visit-1018": "shoe 18", and whoever has an odd number: "shoe".

    So a record tells it, which has no queries; and half of all searches are for what others have found before.
    """
    number = int(name.rpartition("-")[2])
    return "shoe" if number % 2 else f"shoe {number % 1000}"


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with an answer to a customer who searched: it must hold what the search service found."""
    if not request.path.startswith("/search"):
        return ""  # the probe looks at product pages, and the checks at what was paid
    found = json.loads(body)
    asked = request.path.rpartition("=")[2].replace("+", " ")
    return "" if found.get("words") == asked and found.get("found") else "no search results"


def _scenario(
    name: str, load_s: float, kind: str = "", service: str = "", seconds: float = 0.0, settle_s: float = 2.5
) -> Scenario:  # fmt: skip
    """Steady load; from FAULT_AT_S on `service` is in trouble for so long."""
    trouble: dict[str, Any] = {"kind": kind, "service": service, "from": FAULT_AT_S, "until": FAULT_AT_S + seconds}
    settings = {"trouble": trouble, "half_s": (0.0, 0.0), "one_error_s": 0.0, "lost_s": (0.0, 0.0)}
    return Scenario(name, (Phase(RATE, load_s),), (), settings, settle_s)


def hole(seconds: float = HOLE_S) -> Scenario:
    """Recommendations accepts and never answers, for a while; what it did not answer then, it never will."""
    return _scenario("hole", FAULT_AT_S + seconds + AFTER_S, HOLE, "recommendations", seconds)


def drip(seconds: float = DRIP_S) -> Scenario:
    """Recommendations answers a few bytes at a time."""
    return _scenario("drip", FAULT_AT_S + seconds, DRIP, "recommendations", seconds)


def slow(seconds: float = SLOW_FOR_S) -> Scenario:
    """Payments works for any time within SLOW_S on each charge, for a while; the run goes on until all that is done.

    Its trouble begins with a rush of checkouts; until then customers come evenly, so that the rush has its known numbers.
    """
    before = Phase(RATE, FAULT_AT_S, "constant")
    phases = (before, Phase(RUSH / RUSH_S, RUSH_S, "constant"), Phase(RATE, seconds - RUSH_S + 1))
    first = round(RATE * FAULT_AT_S)
    steady = _scenario("slow", 0.0, SLOW, "payments", seconds, settle_s=SLOW_S[1] + 0.5)
    return steady.with_(load=phases, settings={"rush": (first, first + RUSH)})


def errors() -> Scenario:
    """Recommendations refuses, then fails, as search does, then it and payments break off answers, then charges are lost.

    Many come while recommendations fails, and many check out while charges are lost; customers come evenly until then, so
    that these have their known numbers. Fewer come afterwards, when all are well.
    """
    begin, end = REFUSED_S
    refuses = faults.Reset(link="storefront->recommendations", at_s=begin, seconds=end - begin)
    begin, end = ERROR_S
    fails = [
        faults.ErrorStatus(service=name, rate=1.0, status=500, at_s=begin, seconds=end - begin, as_json=True)
        for name in ("recommendations", "search")
    ]
    phases = (
        Phase(RATE, begin, "constant"),
        Phase(CROWD / (end - begin), end - begin, "constant"),
        Phase(RATE, LOST_S[0] - end, "constant"),
        Phase(PAYERS / (LOST_S[1] - LOST_S[0]), LOST_S[1] - LOST_S[0], "constant"),
        Phase(FEWER, ERRORS_END_S - LOST_S[1]),
    )
    first = int(RATE * begin)
    payers = first + CROWD + int(RATE * (LOST_S[0] - end))
    settings = {"half_s": HALF_S, "one_error_s": ONE_ERROR_S, "lost_s": LOST_S}
    settings |= {"crowd": (first, first + CROWD), "rush": (payers, payers + PAYERS)}
    return _scenario("errors", 0.0, settle_s=1.0).with_(load=phases, faults=(refuses, *fails), settings=settings)


SCENARIOS = {"hole": hole(), "drip": drip(), "slow": slow(), "errors": errors(), "calm": _scenario("calm", 6)}


INCIDENT = hole(14.0).with_(name="incident", load=(Phase(RATE, 32.0),))
"""A longer one, for an operator: it outlasts a restart of the storefront."""


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own lengths of trouble."""
    if scenario.name == "hole":
        return hole(rng.uniform(7.5, 9.0))
    if scenario.name == "drip":
        return drip(rng.uniform(6.8, 8.0))
    if scenario.name == "slow":
        return slow(rng.uniform(2.9, 3.5))
    return scenario
