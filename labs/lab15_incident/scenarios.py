"""The evenings: what the judge plays of a submission, each with the variant of the name that it gives."""

from __future__ import annotations

import json
from random import Random

from labs.kit import Phase, Scenario
from labs.lab15_incident import submissions
from labs.lab15_incident.variants import LEAD_S, Variant
from labs.town.load import RATE

EVENING_S, REPLAY_S, HEALTHY_S = 45.0, 32.0, 32.0
SETTLE_S = 3.0
WAITS_S = 6.0
"""In the replay the trigger comes so many seconds after the first request."""
HANDED_IN = ("both", "x", "y", "neither")
"""One seed, four evenings: with both faults, with one, with none. The record with the incident is that of "both"."""


def evening(name: str, seconds: float = EVENING_S) -> Scenario:
    """An evening, before it is known whose."""
    return Scenario(name, (Phase(RATE, seconds),), (), {"later": 0.0, "longer": 1.0}, settle_s=SETTLE_S)


SCENARIOS = {
    **{name: evening(name) for name in HANDED_IN},
    "other": evening("other"),
    "again": evening("again"),
    "played": evening("played"),
    "played_again": evening("played_again"),
    "replayed": evening("replayed", REPLAY_S),
    "healthy": evening("healthy", HEALTHY_S),
}


def vary(scenario: Scenario, rng: Random) -> Scenario:
    """The autograder's own moments and lengths of the trigger, when it comes again."""
    if scenario.name == "replayed":
        return scenario.with_(settings={"later": rng.uniform(0, 3), "longer": rng.uniform(0.8, 1.2)})
    return scenario


def tailored(source: str, scenario: Scenario) -> Scenario:
    """The evening of this submission: its variant, and of what it hands in what this evening tries.

    Raises:
        SubmissionError: a constant of the submission is not what it should be.
    """
    said = submissions.read(source)
    evening, name = said.variant, scenario.name
    if name in HANDED_IN:
        x, y = name in ("both", "x"), name in ("both", "y")
        answer = json.dumps({"name": said.name, "incident": said.incident}) if name == "both" else ""
        return _with(scenario, evening, x, y).with_(exhibit=evening.seed, answer=answer)
    if name == "other":
        return scenario.with_(settings={"changes": evening.other}, exhibit=evening.seed + 2)
    if name == "again":
        return _with(scenario, evening, True, True).with_(exhibit=evening.seed + 1)
    if name in ("played", "played_again"):
        seed = evening.seed + (name == "played_again")
        return _with(scenario, evening, True, True).with_(exhibit=seed, runbook=submissions.runbook(source))
    mended = submissions.policies(source)
    if name == "healthy":
        made = _with(scenario, evening, False, False, mended)
        return made.with_(runbook=submissions.runbook(source))
    later, longer = scenario.settings["later"], scenario.settings["longer"]
    made = _with(scenario, evening, True, True, mended, later + WAITS_S - evening.onset)
    return made.with_(answer=json.dumps({"over_s": WAITS_S + later + longer * max(at for at, *_ in evening.pair.x.changes)}))


def _with(
    scenario: Scenario,
    evening: Variant,
    x: bool,
    y: bool,
    mended: submissions.Policies | None = None,
    later: float = 0.0,
) -> Scenario:
    """The scenario with what changes that evening. What the mended policies name stays as they say.

    `later` moves what happens to the whole town; what would come before the first request is so from the beginning.
    """
    mended = mended or {}
    made = [
        (max(-LEAD_S, at + later), service, key, value, told)
        for at, service, key, value, told in evening.changes(x, y, 0.0, scenario.settings["longer"])
        if key not in mended.get(service, ())
    ]
    return scenario.with_(settings={"changes": made, "policies": mended})
