"""What visitors ask for, and how large it is. Each scenario makes one way of holding on to memory expensive."""

from __future__ import annotations

from dataclasses import dataclass
from random import Random
from typing import Any

from labs.kit import Draws, HttpRequest, Phase, Scenario, faults, names

MB = names.MB
LIMIT_MB = 110.0
"""Live: the memory limit of the reports service, as a container would have it."""
ROOM_MB = 48.0
"""What the service may hold on top of what it holds when it starts. The simulated world measures from there."""
RECENT = 20
CURRENCIES = ("EUR", "USD")
LEDGER = "ledger-2026"
PART_BYTES = 256_000
DRAWS = 10_000
BOTH_EVERY = 4
"""After each fourth revision, the probe asks for the report in the other currency as well."""
ABROAD = " in the other currency"
"""What follows the name in the subject of the probe's event then."""
HOUR_S, DAY_S = 3_600.0, 86_400.0
RUSH_S = 6.5
"""In `stampede`, until when the report is revised, and many visitors at once miss it; then all is quiet.

Who counts a report once more for each further visitor that missed it is 24 MB too high after 3.1 to 4.1 s (four seeds). So
it is one report, and from one revision to the next it takes twice a fetch: what is read for the second visitor is still
fresh."""
STORE_FAILS_S = (5.0, 6.7)
"""In `stampede`, when the store answers each question for figures with an error: as the last revisions come, so that nothing
drops later what a repair keeps of an error."""
STORE_CUT_S = (18.3, 18.7)
"""In `busy`, when connections to the store are cut and refused: one of the reports is revised meanwhile."""
AT_ONCE_S = 0.2
"""In `rush`, all visitors come within so long, before memory is first read, and nobody after them."""

NORMAL: dict[str, Any] = {
    "report_kb": 200,  # size of a rendered report
    "popular": 24,  # reports that are asked for again and again
    "popular_share": 1.0,  # of the visits; the others ask for a report that nobody asks for twice
    "parts_share": 0.0,  # of the visits that ask for a part of the ledger instead
    "ledger_mb": 16.0,
    "store_ms": 20.0,  # how long the store takes for the figures of one report
    "store_fails_s": (0.0, 0.0),  # from when until when it answers with an error instead
    "revise_every_s": 2.0,  # how often the probe has a report revised
    "revise_until_s": DAY_S,
    "both_at_once": False,  # does the probe ask for both currencies at the same moment?
    "probe_until_s": DAY_S,  # when the probe asks for the last time; the end of the load
    "report_every_s": 0.5,  # how often the services report their gauges
}


@dataclass(frozen=True)
class Wanted:
    """What one visit asks for: a report with options, or `size` bytes of the ledger from `start` on."""

    name: str
    options: str = ""
    start: int = 0
    size: int = 0


def visit(index: int, rng: Draws) -> HttpRequest:
    """The i-th request. It carries its number and a draw; the scenario's settings say what a visitor with it wants."""
    return HttpRequest("GET", f"/visit/{index}-{rng.randrange(DRAWS)}", rng.named("visit", index))


def wanted(ticket: str, settings: Any) -> Wanted:
    """What the visit with this ticket, "INDEX-DRAW", asks for. Raises ValueError for any other text."""
    index, draw = (int(number) for number in ticket.split("-"))
    if draw < settings["parts_share"] * DRAWS:
        start = draw * round(settings["ledger_mb"] * MB - PART_BYTES) // DRAWS
        return Wanted(LEDGER, start=start, size=PART_BYTES)
    if draw < settings["popular_share"] * DRAWS:
        return Wanted(f"popular-{draw % settings['popular']}", CURRENCIES[0])
    return Wanted(f"single-{index}", CURRENCIES[draw % 2])


def _scenario(name: str, *load: Phase, trouble: tuple[faults.Reset, ...] = (), **settings: Any) -> Scenario:
    ends = {"probe_until_s": sum(phase.seconds for phase in load)}
    return Scenario(name, load, trouble, {**NORMAL, **ends, **settings}, settle_s=2.0)


CUT = faults.Reset(link="reports->store", at_s=STORE_CUT_S[0], seconds=STORE_CUT_S[1] - STORE_CUT_S[0])

SCENARIOS = {
    "mixed": _scenario("mixed", Phase(16, 40), popular_share=0.5),
    "evening": _scenario("evening", Phase(24, 20), popular_share=0.5),
    "popular": _scenario("popular", Phase(12, 24)),
    "busy": _scenario("busy", Phase(80, 24), trouble=(CUT,), report_kb=1),
    "revisions": _scenario("revisions", Phase(6, 24), report_kb=400, popular=6, revise_every_s=0.25, both_at_once=True),
    "stampede": _scenario(
        "stampede",
        Phase(24, RUSH_S),
        Phase(12, 4.5),
        report_kb=600,
        popular=1,
        store_ms=150.0,
        revise_every_s=0.3,
        revise_until_s=RUSH_S,
        store_fails_s=STORE_FAILS_S,
    ),
    "annual": _scenario("annual", Phase(4, 8), report_kb=2_000, popular_share=0.0),
    "large": _scenario("large", Phase(1, 6), parts_share=1.0),
    "slowly": _scenario("slowly", Phase(3, 16, "constant"), popular=3, popular_share=0.7, parts_share=0.3),
    "smaller": _scenario("smaller", Phase(10, 14)),
    "parts": _scenario("parts", Phase(1, 14), report_kb=1, parts_share=1.0, ledger_mb=10.0),
    "rush": _scenario("rush", Phase(400, AT_ONCE_S), Phase(0, 14 - AT_ONCE_S)).with_(settings={"probe_until_s": AT_ONCE_S}),
    "soak": _scenario(
        "soak", Phase(0.05, DAY_S), report_kb=24, popular_share=0.5, revise_every_s=1_800.0, report_every_s=600.0
    ),
}
WATCHED = {"parts": None, "rush": None, "smaller": 0.0, "mixed": 0.0}
"""Where an alert rule is tried on the broken code, and the second from which it is to page; None if it never is."""


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own figures."""
    if scenario.name == "annual":
        return scenario.with_(settings={"report_kb": rng.randrange(1_800, 2_200)})
    if scenario.name == "large":
        return scenario.with_(settings={"ledger_mb": rng.uniform(14, 18)})
    if scenario.name in ("busy", "stampede"):
        return scenario
    kilobytes = scenario.settings["report_kb"]
    return scenario.with_(settings={"report_kb": rng.randrange(kilobytes * 19 // 20, kilobytes * 21 // 20 + 1)})
