"""What is graded: one function a point. Each reads runs and nothing else.

What is said of the evening is compared with what four runs of its seed show; what is done about it is played.
"""

from __future__ import annotations

from collections.abc import Mapping

from labs.kit import Finding, Run, check, is_number, names
from labs.lab15_incident import readings
from labs.lab15_incident.evidence import SHARED, TOGETHER, X, Y
from labs.lab15_incident.readings import MOST_ROWS
from labs.lab15_incident.scenarios import HANDED_IN, REPLAYS

WITHIN_S = 4
PRECISION = 0.6
FEWEST_ROWS = 3
BUDGET_GOAL = 0.5
ANSWERED_GOAL = 0.95
RECS_GOAL = 0.8
RECS_LINK = "catalog->recs"


@check(
    "The incident is told from the noise, and when it began",
    needs=("both", "neither"), at_most=WITHIN_S, unit="s between the second named and the first harm", points=1,
    hint="In which record do users fail for longer than a few seconds, and from which second on?",
)  # fmt: skip
def detected(runs: Mapping[str, Run]) -> Finding:
    """The record with the incident, and the first second in which users were harmed."""
    evening, said = readings.answer(runs["both"])
    if said.get("record") not in ("A", "B"):
        return Finding(False, 99, "no_record", 'INCIDENT names no record; expected "record": "A" or "B".')
    if said["record"] != evening.record:
        return Finding(False, 99, "wrong_record", f"Record {said['record']} is an evening on which users were served.")
    since = said.get("since_s", "")
    if not is_number(since):
        return Finding(
            False, 99, "no_second", 'INCIDENT does not say since when; expected "since_s": a second of the record.'
        )
    began = readings.harmed_at(runs["both"], runs["neither"])
    apart = abs(float(since or 0) - began)
    if apart > WITHIN_S:
        told = f"The right record. Users were harmed from another second on than {since:g}."
        return Finding(False, apart, "wrong_second", told)
    return Finding(True, apart, "detected", f"Record {evening.record}, and users were harmed from second {began} on.")


@check(
    "Both places are named, and no other",
    needs="both", at_least=1.0, unit="F1 of the services named", points=2,
    hint="Two changes, each harmless alone. What is loud need not be what does harm: would users notice it alone?",
)  # fmt: skip
def localised(run: Run) -> Finding:
    """The two services in which something was wrong."""
    evening, said = readings.answer(run)
    right = set(evening.culprits)
    given = said.get("where")
    score = readings.f1(given, right)
    if score == 1:
        return Finding(True, 1.0, "localised", "Both services, and no other.")
    named = {str(name) for name in given} if isinstance(given, list | tuple | set) else set()
    loud = evening.pair.herring
    slug = (
        "not_said"
        if not named
        else "one_of_two"
        if named < right
        else "too_many"
        if right < named
        else "loud"
        if loud in named
        else "elsewhere"
    )
    why = {
        "not_said": "INCIDENT names no service",
        "one_of_two": "only one of the two is named",
        "too_many": f"{len(named)} services are named, and not in all of them something was wrong",
        "loud": "one of them is loud, and harms nobody",
        "elsewhere": "not all of them are where something was wrong",
    }[slug]
    hits = len(named & right)
    return Finding(False, score, slug, f"{why[0].upper()}{why[1:]}: {hits} of the two are among them, F1 {score:.2f}.")


@check(
    "What was wrong in each is named",
    needs="both", at_least=2, unit="causes named rightly, of 2", points=2,
    hint="The page lists the kinds. What would you undo there: more work, fewer places, another timeout?",
)  # fmt: skip
def named(run: Run) -> Finding:
    """The kind of each cause."""
    evening, said = readings.answer(run)
    right = evening.culprits
    given = said.get("what")
    kinds = given if isinstance(given, dict) else {}
    hits = [service for service, kind in right.items() if kinds.get(service) == kind]
    if len(hits) == len(right):
        return Finding(True, 2, "named", "Both causes are named.")
    if not kinds:
        return Finding(False, 0, "not_said", "INCIDENT says of no service what was wrong there.")
    if set(kinds) & set(right) == set():
        return Finding(False, 0, "elsewhere", "Something is said of services in which nothing was wrong.")
    slug = "one_cause" if len(hits) == 1 else "other_kinds"
    return Finding(False, len(hits), slug, f"{len(hits)} of the two causes are named rightly.")


@check(
    "The rows cited show it",
    needs=HANDED_IN, at_least=PRECISION, unit="share of the cited rows that are evidence, the worst of three", points=2,
    hint="Evidence of a cause is there with and without the other one. What only the outage shows is evidence of both.",
)  # fmt: skip
def shown(runs: Mapping[str, Run]) -> Finding:
    """Rows of the record: three to five for each cause, and for the two together."""
    evening, said = readings.answer(runs["both"])
    mark = readings.mark(runs["both"])
    if said.get("mark") != mark:
        slug = "no_mark" if not said.get("mark") else "other_record"
        told = f"The rows are of another record than this name's: its mark is {mark}, as lab.incident() shows it."
        return Finding(False, 0, slug, told)
    found = readings.labels(*(runs[name] for name in HANDED_IN))
    worst, where, mostly = 1.0, "", ""
    for key, label in ((evening.pair.x.where, X), (evening.pair.y.where, Y), ("together", TOGETHER)):
        rows = readings.cited(said, key)
        count = readings.shares(rows, found)
        there = sum(shows == label for shows in found.values())
        enough = min(FEWEST_ROWS, there) <= len(rows) <= MOST_ROWS
        precision = count[label] / len(rows) if enough else 0.0
        if precision < worst:
            other = next((name for name, _ in count.most_common() if name != label), "none")
            worst, where, mostly = precision, key, "count" if not enough else other
    if worst >= PRECISION:
        return Finding(True, worst, "shown", "The rows show each cause, and what both do together.")
    why = _why(where, mostly)
    return Finding(False, worst, *why)


def _why(key: str, mostly: str) -> tuple[str, str]:
    """A slug and a sentence: what is wrong with the rows that are cited for `key`."""
    about = "For the two together" if key == "together" else "For one of the two causes"
    if mostly == "count":
        return "not_cited", f"{about} there are not {FEWEST_ROWS} to {MOST_ROWS} rows."
    said: dict[str, tuple[str, str]] = {
        TOGETHER: ("symptoms", "most rows are symptoms: they are there only because both causes are."),
        "normal": ("normal_rows", "most rows are as on any evening."),
        "none": ("no_such_rows", "most rows are not in the record."),
        SHARED: ("other_cause", "most rows do not tell the two causes apart."),
    }
    slug, told = said.get(mostly, ("other_cause", "most rows show the other cause."))
    return slug, f"{about}, {told}"


@check(
    "The runbook ends it",
    needs=("both", "played", "again", "played_again"), at_most=BUDGET_GOAL, points=3,
    unit="failed requests with the runbook over those without",
    hint="Which of the two can you undo at once? What is still waiting for nobody when you have undone it?",
)  # fmt: skip
def mitigated(runs: Mapping[str, Run]) -> Finding:
    """What fails with an operator, over what fails without; the worse of two evenings of the same kind."""
    if not runs["played"].events(names.RUNBOOK):
        return Finding(False, 1.0, "no_runbook", "There is no runbook to play.")
    spent = [readings.failed(runs[a]) / readings.failed(runs[b]) for a, b in (("played", "both"), ("played_again", "again"))]
    worst = max(spent)
    paged = all(runs[name].events(names.PAGED) for name in ("played", "played_again"))
    told = f"With the runbook, {worst:.0%} of the failures of the evening without it are left."
    onset = readings.answer(runs["both"])[0].onset
    if (at := min(readings.paged(runs["played"]), readings.paged(runs["played_again"]))) < onset:
        return Finding(False, worst, "paged_in_the_quiet", f"The page came at second {at:g}, before there was any trigger.")
    if worst <= BUDGET_GOAL:
        return Finding(True, worst, "mitigated", told)
    if not paged:
        return Finding(False, worst, "not_called", f"{told} The page did not come.")
    slug = "worse" if worst > 1.1 else "no_effect" if worst > 0.8 else "too_slow"
    return Finding(False, worst, slug, told)


@check(
    "The trigger comes again, and nobody is called",
    needs=REPLAYS, at_least=readings.WELL, unit="share answered, from 5 s after the trigger on", points=3,
    hint="POLICIES are what stays. Which of the two causes is yours to mend for good, and what keeps the loop going?",
)  # fmt: skip
def replayed(runs: Mapping[str, Run]) -> Finding:
    """With the mended policies the same trigger does no lasting harm, without an operator."""
    share = min(readings.well_after(run, readings.trigger_over(run) + readings.SETTLES_S) for run in runs.values())
    if share >= readings.WELL:
        return Finding(True, share, "held", f"The trigger came again, and {share:.0%} were answered afterwards.")
    told = f"The trigger came again, twice, and only {share:.0%} were answered from {readings.SETTLES_S:g} s after it on."
    return Finding(False, share, "falls_again", told)


@check(
    "An evening without an incident is unharmed",
    needs="healthy", at_least=ANSWERED_GOAL, unit="share of requests answered", keeps=0.5,
    hint="The policies and the runbook are there on every other evening as well, loud ones among them.",
)  # fmt: skip
def unharmed(run: Run) -> Finding:
    """No act, no harm and nothing switched off where nothing is wrong."""
    share = readings.well_after(run, 0.0)
    if acts := [e for e in run.events(names.ACTION)]:
        return Finding(
            False, share, "acts", f"Nothing was wrong, and the operator did {len(acts)} things, first {acts[0].detail}."
        )
    if share < ANSWERED_GOAL:
        return Finding(False, share, "harmed", f"With these policies and nothing wrong, only {share:.1%} were answered.")
    asked, pages = len(run.requests(RECS_LINK)), sum(r.endpoint.startswith("GET") for r in run.requests())
    if asked < RECS_GOAL * pages * 2 / 3:
        return Finding(False, share, "switched_off", f"Recommendations were asked for only {asked} times for {pages} pages.")
    return Finding(True, share, "unharmed", f"With nothing wrong, {share:.1%} were answered and nobody was called.")


CHECKS = (detected, localised, named, shown, mitigated, replayed, unharmed)
