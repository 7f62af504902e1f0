"""What is graded of a runbook: it is played on each evening in the town, and the runs are read.

No service of the town runs the repair. What failed is counted where the load is sent, what was done is told by the judge.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from labs.kit import Finding, Run, check, operating
from labs.lab13_hazards import town_readings as readings
from labs.lab13_hazards.town_scenarios import BY_HAND, PREFIX, RUNBOOK_FAULTS, WELL_S

PART = "runbook"
WELL = 0.9
"""A moment is well if this share of its requests is answered."""
BUDGET_GOAL, SPARES_NOTHING = 0.7, 0.9
HIDDEN_GOAL = 0.95
PAGED_S = 7.0
HARM_GOAL = 0.01
HEALTHY = ("healthy", "deploy")
WITHOUT = tuple(PREFIX + name for name in RUNBOOK_FAULTS)
NOBODY = Finding(False, math.inf, "no_runbook", "There is no runbook: nobody was called.")


@check(
    "All is well again soon after the cause is gone",
    needs=RUNBOOK_FAULTS, at_most=WELL_S, unit="s after the cause is gone, worst of three causes", points=2, part=PART,
    hint="lab.evening(\"stall\") shows what the operator did, and when. What keeps payments busy when the bank is back?",
)  # fmt: skip
def recovers(runs: Mapping[str, Run]) -> Finding:
    """Seconds from the end of the cause to the last moment that was not well."""
    if not all(readings.operated(run) for run in runs.values()):
        return NOBODY
    took = {name: readings.well_after_s(run, WELL) for name, run in runs.items()}
    name = max(took, key=lambda n: took[n])
    if took[name] <= WELL_S:
        return Finding(True, took[name], "recovers", f"At the latest {took[name]:.0f} s after the cause, in {name!r}.")
    bad = [n for n in took if took[n] > WELL_S]
    late = "not before the end" if took[name] == math.inf else f"{took[name]:.0f} s after the cause was gone"
    return Finding(False, took[name], f"late_{'_'.join(bad)}", f"In {name!r} all was well {late}.")


@check(
    "Few of the requests fail that would have failed",
    needs=(*RUNBOOK_FAULTS, *WITHOUT), at_most=BUDGET_GOAL, unit="of the failed requests without it, worst of three causes",
    points=2, part=PART,
    hint="Each second before the right step costs eight orders. Which question tells the causes apart in one second?",
)  # fmt: skip
def budget(runs: Mapping[str, Run]) -> Finding:
    """The failed requests with the runbook over those without an operator, without what the market sent too many."""
    with_ = {name: runs[name] for name in RUNBOOK_FAULTS}
    if not all(readings.operated(run) for run in with_.values()):
        return NOBODY
    counts = {name: (readings.failed(run), readings.failed(runs[PREFIX + name])) for name, run in with_.items()}
    name = max(counts, key=lambda n: counts[n][0] / counts[n][1])
    mine, nobody = counts[name]
    share, told = mine / nobody, f"In {name!r}, {mine} requests failed with the runbook and {nobody} without an operator."
    if share <= BUDGET_GOAL:
        return Finding(True, share, "spares", told)
    return Finding(False, share, "spares_nothing" if share >= SPARES_NOTHING else f"costs_{name}", told)


@check(
    "Nothing stays changed",
    needs=RUNBOOK_FAULTS, at_least=HIDDEN_GOAL, unit="share of the orders in the last 10 s, worst of three causes", points=1,
    part=PART,
    hint="What a step takes it gives back, with then if it was met, with undo if not. A client has a share of his own.",
)  # fmt: skip
def leaves_nothing(runs: Mapping[str, Run]) -> Finding:
    """Settings and shares are as at first when the load ends, and single errors are hidden as before."""
    if not all(readings.operated(run) for run in runs.values()):
        return Finding(False, 0.0, NOBODY.reason, NOBODY.message)
    shares = {n: readings.answered(r, readings.single_from(r), r.info.load_s, orders=True) for n, r in runs.items()}
    for name, run in runs.items():
        if left := readings.left_behind(run):
            slug = "shed_on" if left[0].startswith("shed") else "setting_on"
            return Finding(False, min(shares.values()), slug, f"At the end of {name!r}: {', '.join(left)}.")
    name = min(shares, key=lambda n: shares[n])
    told = f"Nothing was left; of the last orders of {name!r} {shares[name]:.1%} were confirmed."
    if shares[name] < HIDDEN_GOAL:
        return Finding(False, shares[name], "not_well", told)
    return Finding(True, shares[name], "as_before", told)


@check(
    "It is called when orders fail, and only then",
    needs=(*RUNBOOK_FAULTS, *HEALTHY), at_most=PAGED_S, unit="s from the beginning of the cause to the page, worst of three",
    points=1, part=PART,
    hint="lab.signs() shows what a dashboard shows in the first seconds of each cause, and on the evenings without one.",
)  # fmt: skip
def pages_right(runs: Mapping[str, Run]) -> Finding:
    """The first page after the beginning of each cause, and no page where nothing is wrong."""
    if not all(readings.operated(run) for run in runs.values()):
        return NOBODY
    late = {}
    for name in RUNBOOK_FAULTS:
        begins, _ = readings.cause(runs[name]) or (0.0, 0.0)
        late[name] = min((at - begins for at in readings.pages(runs[name]) if at >= begins), default=math.inf)
    false = [(name, at) for name, run in runs.items() for at in readings.pages(run) if _is_false(run, at)]
    name = max(late, key=lambda n: late[n])
    if false:
        told = f"In {false[0][0]!r} the operator was called at {false[0][1]:.1f} s, when nothing was wrong."
        return Finding(False, late[name], "false_alarm", told)
    if late[name] > PAGED_S:
        when = "never" if late[name] == math.inf else f"{late[name]:.1f} s after the beginning"
        slug = "not_called" if late[name] == math.inf else "called_late"
        return Finding(False, late[name], slug, f"In {name!r} the operator was called {when}.")
    return Finding(
        True, late[name], "called", f"At the latest after {late[name]:.1f} s, in {name!r}; never without a cause."
    )


def _is_false(run: Run, at: float) -> bool:
    """Was the operator called on an evening without a cause, or before the cause began?"""
    lasts = readings.cause(run)
    return lasts is None or at < lasts[0]


@check(
    "It acts on what is ill, and on nothing else",
    needs=(*RUNBOOK_FAULTS, *HEALTHY), at_most=0, unit="actions on what was well", points=1, part=PART,
    hint="Ask before you act: a step with an expectation and without do is a question, and else goto is its other answer.",
)  # fmt: skip
def branches(runs: Mapping[str, Run]) -> Finding:
    """No restart and no setting of a service that the cause of the evening does not touch, and no refusal of all."""
    if not all(readings.operated(run) for run in runs.values()):
        return NOBODY
    strayed = [(name, act) for name, run in runs.items() for act in readings.strayed(run)]
    if not strayed:
        if all(not readings.acts(runs[name]) for name in RUNBOOK_FAULTS):
            return Finding(False, 0, "no_acts", "It did nothing at all.")
        return Finding(True, 0, "only_ill", "It acted on nothing that was well.")
    name, act = strayed[0]
    first = f"in {name!r} at {act.time:.1f} s: {act.verb} {' '.join(act.words)}"
    told = f"{len(strayed)} actions on what was well; {first}."
    return Finding(False, len(strayed), f"{act.verb}_{name}", told)


@check(
    "Called by mistake, it does no harm",
    needs=BY_HAND, at_most=HARM_GOAL, unit="of the requests fail", points=1, part=PART,
    hint="Begin with the question whether anything fails at all. A step with done ends the runbook if its answer is yes.",
)  # fmt: skip
def no_harm(run: Run) -> Finding:
    """The failed requests of a healthy evening on which somebody starts the runbook by hand."""
    if not readings.operated(run):
        return NOBODY
    share = operating.failed(run) / len(run.requests("load->gateway"))
    told = f"{operating.failed(run)} requests failed on an evening on which nothing was wrong."
    return Finding(share <= HARM_GOAL, share, "harmless" if share <= HARM_GOAL else "harms", told)


TOWN_CHECKS = (recovers, budget, leaves_nothing, pages_right, branches, no_harm)
