"""The diagnosis of lab15, about the evening that the page takes apart; and its hints."""

from __future__ import annotations

from labs.kit import Diagnosis, alert_rule, choice, is_number
from labs.lab15_incident.readings import fires_at
from labs.lab15_incident.scenarios import WATCHED

IN_TIME_S = 12.0
"""A page comes so many seconds after the stall began, at most. The share jumps from second to second: rules below 0.8 to
0.9 that wait for 5 to 8 s page after 5 to 11 s."""

ROWS = (
    "the slowest rows",
    "rows that only the outage shows",
    "rows that it shows without the other cause",
    "the first rows that failed",
)
LOUD = ("it harms users", "it is loud, and users do not notice it", "it is the trigger", "it keeps the outage going")

DIAGNOSIS = Diagnosis(
    questions=(
        choice(
            "evidence", "which rows are evidence of one of two causes", ROWS, ROWS[2],
            why="What only the outage shows is there because of both: it says of neither cause what it is.",
        ),
        choice(
            "recs", "what recs did on the example's evening", LOUD, LOUD[1],
            why="Four in ten of its answers failed, on the evening without the two causes as well, and users were served.",
        ),
        alert_rule(
            "the rule of your alert, once you have tried it with lab.alert() near the end of the page: on Grace's evening"
            f" with both faults it pages within {IN_TIME_S:g} s of the beginning of the stall, on the other three never",
            {"below": is_number, "for_s": lambda s: is_number(s) and s >= 1}, WATCHED, fires_at, within_s=IN_TIME_S,
            form='{"below": a share, "for_s": seconds}, both numbers',
            why="The stall alone is over after three seconds, and a second is late only if the next ones are as well.",
        ),
    ),
    points=3,
    hint="Look at the four evenings, and at the table of what is cited.",
)  # fmt: skip

HINTS = (
    "Users first: in which record does the share that is answered stay low, and is it pages, orders or both?",
    "lab.links(record) before and after that second: which link has more exchanges, which takes longer, which has both? Then"
    " go towards the leaves: a service is slow because of what it calls, or because of what it does.",
    "Two deploys belong to it, or one and something outside of the town. Most deploys mean nothing: look whether anything at"
    " that service changes from that second on.",
    "Evidence of what was deployed first is in the seconds before the outage, when it acts alone. Evidence of the other is"
    " what the service itself does, not how long its callers wait.",
    "A runbook undoes what can be undone by `set`, or takes away the load that keeps it going. What a restart forgets it"
    " forgets for good: settings come back as they were deployed.",
)
