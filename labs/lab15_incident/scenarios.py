"""The evenings: what the judge plays of a submission, each with the variant of the name that it gives.

A submission is data, and no service runs it. So each evening is an exhibit: made once for whoever has the same variant, the
same runbook and the same policies.
"""

from __future__ import annotations

import json
from random import Random

from labs.kit import Phase, Scenario
from labs.lab15_incident import submissions
from labs.lab15_incident.variants import LEAD_S, Variant, variant
from labs.town.load import RATE

EVENING_S, REPLAY_S = 45.0, 32.0
SETTLE_S = 3.0
WAITS_S = 6.0
"""In the replay the trigger comes so many seconds after the first request."""
HANDED_IN = ("both", "x", "y", "neither")
"""One seed, four evenings: with both faults, with one, with none. The record with the incident is that of "both"."""
REPLAYS = ("replayed", "replayed_longer")
EXAMPLE = "grace"
"""The name whose evening is taken apart on the page."""


def evening(name: str, seconds: float = EVENING_S, draw: int = 0, longer: float = 1.0) -> Scenario:
    """An evening, before it is known whose. Its seed is `draw` after that of the variant."""
    settings = {"later": 0.0, "longer": longer, "draw": draw}
    return Scenario(name, (Phase(RATE, seconds),), (), settings, settle_s=SETTLE_S)


EXAMPLES = {
    "grace_neither": (False, False),
    "grace_stall": (True, False),
    "grace_retries": (False, True),
    "grace_both": (True, True),
}
"""The example's evening with requests of any seed: with the stall or without, with the retries or without."""
SCENARIOS = {
    **{name: evening(name) for name in HANDED_IN},
    "other": evening("other", draw=1),
    "again": evening("again", draw=2),
    "played": evening("played"),
    "played_again": evening("played_again", draw=2),
    "replayed": evening("replayed", REPLAY_S, draw=3),
    "replayed_longer": evening("replayed_longer", REPLAY_S, draw=4, longer=1.3),
    "healthy": evening("healthy", REPLAY_S, draw=5),
    **{name: evening(name, REPLAY_S) for name in EXAMPLES},
}
WATCHED = {name: variant(EXAMPLE).onset if x and y else None for name, (x, y) in EXAMPLES.items()}
"""Where an alert rule is tried, and the second from which it is to page; None if it never is."""


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own requests, moments and lengths, when the trigger comes again or stays away."""
    if scenario.name in (*REPLAYS, "healthy"):
        more = rng.uniform(0.9, 1.1) * scenario.settings["longer"]
        return scenario.with_(settings={"later": rng.uniform(0, 3), "longer": more, "draw": rng.randrange(10, 10_000)})
    return scenario


def tailored(source: str, scenario: Scenario) -> Scenario:
    """The evening of this submission: its variant, and of what it hands in what this evening tries.

    Raises:
        SubmissionError: a constant of the submission is not what it should be.
    """
    if scenario.name in EXAMPLES:
        return _with(scenario, variant(EXAMPLE), *EXAMPLES[scenario.name])
    said = submissions.read(source)
    evening, name, settings = said.variant, scenario.name, scenario.settings
    scenario = scenario.with_(exhibit=evening.seed + settings["draw"])
    if name in HANDED_IN:
        answer = json.dumps({"name": said.name, "incident": said.incident}) if name == "both" else ""
        return _with(scenario, evening, name in ("both", "x"), name in ("both", "y")).with_(answer=answer)
    if name == "other":
        return scenario.with_(settings={"changes": evening.other})
    if name == "again":
        return _with(scenario, evening, True, True)
    if name in ("played", "played_again"):
        text = submissions.runbook(source) or scenario.runbook
        return _with(scenario, evening, True, True).with_(runbook=text)
    mended = submissions.policies(source)
    if name == "healthy":
        return _with(scenario, evening, False, False, mended).with_(runbook=submissions.runbook(source))
    made = _with(scenario, evening, True, True, mended, settings["later"] + WAITS_S - evening.onset)
    lasts = max(at for at, *_ in evening.pair.x.changes) * settings["longer"]
    return made.with_(answer=json.dumps({"over_s": WAITS_S + settings["later"] + lasts}))


def _with(
    scenario: Scenario,
    evening: Variant,
    x: bool,
    y: bool,
    mended: submissions.Policies | None = None,
    later: float = 0.0,
) -> Scenario:
    """The scenario with what changes that evening. What the mended policies name stays as they say.

    `later` moves all of it; what would come before the first request is so from the beginning.
    """
    mended = mended or {}
    made = [
        (max(-LEAD_S, at + later), service, key, value, told)
        for at, service, key, value, told in evening.changes(x, y, longer=scenario.settings["longer"])
        if key not in mended.get(service, ())
    ]
    return scenario.with_(settings={"changes": made, "policies": mended})
