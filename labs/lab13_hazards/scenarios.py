"""The load, and what the review asks the linter meanwhile."""

from __future__ import annotations

import json
from collections.abc import Mapping
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults
from labs.lab13_hazards import course, town_scenarios
from labs.lab13_hazards.twins import CODES

ARRIVALS = 4.0
"""Editors ask so often in a second what the linter says to the file that somebody is writing."""
PATIENCE_S = 1.0
"""An editor that waits longer has moved on."""
ASKS_S = 0.5
"""From so many seconds on, the review asks."""

RULE_AT_S = 4.0
"""From so many seconds on, in two scenarios, the linter has one rule more, of a colleague: for each function it walks the
whole file."""
LONG_FILE, SHORTER_FILE = 200, 80
"""The functions of the file that somebody is writing then; each has ten lines."""
TYPED_EVERY_S = 0.5
HICCUP = faults.Stall(link="review->linter", at_s=4.2, seconds=0.6)
"""The network stands still for a moment: one answer is late, and no rule is to blame."""

LINTER = ("linter", "review")
"""The services of the first part; those of the second are the town's."""

WRITTEN = """\
{kept} = []


def {name}(orders):
    total = 0
    for order in orders:
        total += order
    {kept}.append(total)
    return total
"""
"""The file that somebody is writing: its first line is a hazard."""


def edit(index: int, rng: Draws) -> HttpRequest:
    """The i-th request of an editor."""
    name = rng.named("total", index).replace("-", "_")
    source = WRITTEN.format(name=name, kept=name.upper())
    body = json.dumps({"sources": [source]})
    return HttpRequest("POST", "/lint", rng.named("edit", index), body.encode())


def request(index: int, rng: Draws) -> HttpRequest:
    """The i-th request of an editor, or of a customer of the town."""
    return town_scenarios.request(index, rng) if "town" in rng.settings else edit(index, rng)


def wrong(request: HttpRequest, body: bytes, settings: Mapping[str, Any]) -> str:
    """What is wrong with an answer 2xx: it must hold the findings of one file, each with a rule's code and a line."""
    if "town" in settings:
        return town_scenarios.wrong(request, body, settings)
    [found] = json.loads(body)
    lines = range(1, WRITTEN.count("\n") + 1)
    fits = all(code in CODES and line in lines for code, line, *_ in found["findings"])
    return "" if fits else "a finding without a rule or a line"


def reading(files: Mapping[str, str]) -> Scenario:
    """A review that asks about these files only."""
    return Scenario("reading", (Phase(ARRIVALS, 2),), (), {"review": False, "course": files}, 1.0, services=LINTER)


def typed(name: str, functions: int, rule_at_s: float | None = RULE_AT_S, some: tuple[Any, ...] = ()) -> Scenario:
    """Somebody writes a long file, and asks about it again and again; from `rule_at_s` on the linter has a rule more."""
    settings = {"review": False, "course": {}, "typed": functions, "rule_at_s": rule_at_s}
    return Scenario(name, (Phase(ARRIVALS, 10),), some, settings, 1.0, services=LINTER)


WATCHED = {
    "review": None, "hiccup": None, "slow_rule": RULE_AT_S, "slow_rule_shorter_file": RULE_AT_S,
}  # fmt: skip
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""
SCENARIOS = {
    "review": Scenario(
        "review", (Phase(ARRIVALS, 10),), (), {"review": True, "course": course.files()}, 2.0, services=LINTER
    ),
    "large": Scenario("large", (Phase(ARRIVALS, 8),), (), {"review": False, "course": {}}, 2.0, services=LINTER),
    "renamed": Scenario(
        "renamed", (Phase(ARRIVALS, 2),), (), {"review": False, "course": {}, "renamed": True}, 1.0, services=LINTER
    ),
    "hiccup": typed("hiccup", LONG_FILE, None, (HICCUP,)),
    "slow_rule": typed("slow_rule", LONG_FILE),
    "slow_rule_shorter_file": typed("slow_rule_shorter_file", SHORTER_FILE),
    **town_scenarios.TOWN,
}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The evenings of the town vary; what the linter is asked does not."""
    return town_scenarios.vary(scenario, rng) if "town" in scenario.settings else scenario
