"""What is graded: one function a point. Each reads runs and nothing else.

All is told by the review, which runs no repair: which snippet it asked about, and what it was answered.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping

from labs.kit import Finding, Run, answered_truly, check, stats
from labs.lab13_hazards import readings
from labs.lab13_hazards.changes import LET_IN
from labs.lab13_hazards.sources import SHAPES
from labs.lab13_hazards.town_checks import TOWN_CHECKS
from labs.lab13_hazards.twins import CODES, DRESSED, PAIRS, PLAIN

FOUND_GOAL = 0.7
TRUE_GOAL = 0.9
LINES_GOAL = 0.9
CHANGED_GOAL = 0.03
LONG_GOAL = 0.2
MOST = 0.75
"""A rule that reports so many of the mended twins is none."""
SERVED_GOAL = 0.99
NO_REVIEW = Finding(False, math.inf, "no_review", "The review did not get to its end: the linter did not answer.")


@check(
    "Each rule finds most of what it is for",
    needs="review", at_least=FOUND_GOAL, unit="share of the judged hazards found, worst rule", points=3,
    hint="lab.misses(lab.run()) shows the twins for practice. What would your rules have to know about a name?",
)  # fmt: skip
def finds(run: Run) -> Finding:
    """Recall on the twins that are judged, several in a module and with secret names; of the worst of the four rules."""
    if not readings.ended(run):
        return NO_REVIEW
    shares = {code: readings.recall(run, code) for code in CODES}
    if not any(shares.values()):
        return Finding(False, 0.0, "nothing", "No rule found anything.")
    if most := [code for code in CODES if readings.cries(run, code) > MOST]:
        told = f"{most[0]} reported {readings.cries(run, most[0]):.0%} of the mended twins, so it tells nothing apart"
        slug = "everything" if len(most) == len(CODES) else f"mended_too_{most[0].lower()}"
        return Finding(False, 0.0, slug, f"{told}.")
    code = min(CODES, key=lambda c: shares[c])
    worst = readings.of_twins(run, code, variants=(DRESSED,))
    told = f"{code} found {worst.caught} of {worst.hazards} hazards"
    if worst.recall >= FOUND_GOAL:
        return Finding(True, worst.recall, "finds", f"No rule found a smaller share: {told}.")
    mine = [v for v in readings.verdicts(run) if v.bad and PAIRS[v.pair].code == code]
    alone = [v.found for v in mine if v.variant == PLAIN and not PAIRS[v.pair].practice]
    if sum(alone) >= FOUND_GOAL * len(alone):
        why = "Alone they are found; beside other code, under other names, they are not."
        return Finding(False, worst.recall, "only_alone", f"{told}. {why}")
    if all(v.found for v in mine if PAIRS[v.pair].practice):
        why = "All that are for practice are found, and too few of the others: what do they have in common?"
        return Finding(False, worst.recall, f"only_practice_{code.lower()}", f"{told}. {why}")
    return Finding(False, worst.recall, f"misses_{code.lower()}", f"{told}.")


@check(
    "What is found is a hazard",
    needs="review", at_least=TRUE_GOAL, unit="share of the findings that are true, worst of two", points=3,
    hint="A mended twin differs from its hazard by one line. lab.misses(lab.run()) shows it: what does that line change?",
)  # fmt: skip
def quiet(run: Run) -> Finding:
    """Precision on the twins that are judged and on the course's own code, the worse of the two."""
    if not readings.ended(run):
        return NO_REVIEW
    twins, course = readings.of_twins(run), readings.labelled(run).score
    worst = min(twins, course, key=lambda score: score.precision)
    told = (
        f"{twins.caught} of {twins.caught + twins.false} findings on twins were true, and"
        f" {course.caught} of {course.caught + course.false} in the course's own code"
    )
    if worst.precision >= TRUE_GOAL:
        return Finding(True, worst.precision, "quiet", f"{told}.")
    if not twins.caught:
        return Finding(False, 0.0, "nothing", f"{told}: who says nothing is not believed either.")
    false = {code: _false(run, code) for code in CODES}
    code = max(CODES, key=lambda c: false[c])
    if all(readings.cries(run, c) > MOST for c in CODES):
        return Finding(False, worst.precision, "everything", f"{told}: each rule cries at most of what is harmless.")
    why = f"{code} cried most often without a cause."
    return Finding(False, worst.precision, f"cries_{code.lower()}", f"{told}. {why}")


def _false(run: Run, code: str) -> int:
    return readings.of_twins(run, code).false + sum(c == code for _, c, _ in readings.labelled(run).false)


@check(
    "In the course's broken code, the lines are named",
    needs="review", at_least=LINES_GOAL, unit="share of the labelled hazards found", points=1,
    hint="lab.own_code(lab.run()) lists what was not found. The line of the call counts, not that of the function.",
)  # fmt: skip
def lines(run: Run) -> Finding:
    """Of the labelled hazards in the course's broken code: the share found within a line."""
    if not readings.ended(run):
        return NO_REVIEW
    labelled = readings.labelled(run, "broken")
    score = labelled.score
    told = f"{score.caught} of {score.hazards} labelled hazards were found within a line"
    if score.recall >= LINES_GOAL:
        return Finding(True, score.recall, "named", f"{told}.")
    if not score.caught:
        return Finding(False, 0.0, "nothing", f"{told}.")
    missed = Counter(label.code for label in labelled.missed)
    code = max(CODES, key=lambda c: missed[c])
    first = next(label for label in labelled.missed if label.code == code)
    why = f"{missed[code]} of {code}; the first is lab{first.path[:2]}'s `{first.lines[0][:60]}`: {first.why}."
    return Finding(False, score.recall, f"misses_{code.lower()}", f"{told}. Missed: {why}")


@check(
    "Each clause of the rules holds",
    needs="review", at_least=1.0, unit="share of the clauses that hold", points=2,
    hint="lab.clauses(lab.run()) lists the clauses that do not hold. From which sentence of the page is each?",
)  # fmt: skip
def clauses(run: Run) -> Finding:
    """Twins for what somebody would forget: a limit of None, one request of two, one caller of two."""
    if not readings.ended(run):
        return NO_REVIEW
    found = readings.clauses(run)
    broken = [(pair, caught) for pair, caught, cried in found if not caught or cried]
    share = 1 - len(broken) / len(found)
    told = f"{len(found) - len(broken)} of {len(found)} clauses hold"
    if not broken:
        return Finding(True, share, "hold", f"{told}.")
    pair, caught = broken[0]
    names = {one.code for one, _ in broken}
    slug = f"forgets_{pair.code.lower()}" if len(names) == 1 else "forgets"
    how = "the mended twin is reported" if caught else "the hazard is not found"
    return Finding(False, share, slug, f"{told}. {pair.code}, {pair.about}: {how}.")


@check(
    "The gate stops what is new, and nothing else",
    needs="review", at_least=1.0, unit="share of the changes treated rightly", points=1,
    hint="lab.changes(lab.run()) lists the changes. Line numbers move, counts balance: what stays of an old finding?",
)  # fmt: skip
def gate(run: Run) -> Finding:
    """All changes: those that bring a hazard are stopped for it, the others pass."""
    if not readings.ended(run):
        return NO_REVIEW
    found = readings.gated(run)
    wrong = [one for one in found if not one.right]
    share = 1 - len(wrong) / len(found) if found else 0.0
    told = f"{len(found) - len(wrong)} of {len(found)} changes were treated rightly"
    if not wrong:
        return Finding(True, share, "only_new", f"{told}.")
    if errors := [one for one in wrong if one.error]:
        return Finding(False, share, "raises", f"{told}; {errors[0].name!r}: {errors[0].error}.")
    blind = [one for one in wrong if one.brings and one.brings not in one.stops]
    loud = [one for one in wrong if not one.brings and one.stops]
    shown = (blind or loud or wrong)[0]
    kinds = {LET_IN.get(one.name, "muted" if one.name.startswith("muted") else "lets_in") for one in blind}
    slug = "stops_old" if not blind else kinds.pop() if len(kinds) == 1 else "lets_in"
    if blind and loud:
        slug = "both"
    how = "let through" if blind else "stopped for what was there before"
    return Finding(False, share, slug, f"{told}; {shown.name!r} was {how}.")


@check(
    "Other names, other neighbours, the same verdict",
    needs="review", at_most=CHANGED_GOAL, unit="share of the verdicts that changed", points=1,
    hint="`from time import sleep as pause` is still time.sleep. Build a table from the imports, and look names up in it.",
)  # fmt: skip
def variants(run: Run) -> Finding:
    """The verdict on a snippet does not depend on names, aliases, and what stands beside it."""
    if not readings.ended(run):
        return NO_REVIEW
    if not any(readings.recall(run, code) and readings.cries(run, code) <= MOST for code in CODES):
        return Finding(
            False, 1.0, "no_verdicts", "Where all is reported, or nothing, there is no verdict that could change."
        )
    changed, of = readings.changed(run)
    if not of:
        return Finding(False, 1.0, "changes", "There was no verdict that could change.")
    share = changed / of
    told = f"{changed} of {of} verdicts changed with the names and the neighbours"
    return Finding(share <= CHANGED_GOAL, share, "same" if share <= CHANGED_GOAL else "changes", f"{told}.")


@check(
    "No source makes a rule fail",
    needs="large", at_most=0, unit="sources on which a rule raised", keeps=0.0,
    hint='lab.run(scenario="large") names the line that raised. Which nodes have the attribute that it wanted?',
)  # fmt: skip
def copes(run: Run) -> Finding:
    """No rule raises: on modules of the standard library, and on unusual syntax."""
    failed = {name: errors for name, (errors, _) in readings.large(run).items() if errors}
    if not readings.ended(run) and not failed:
        return NO_REVIEW
    if not failed:
        return Finding(True, 0, "copes", "No rule raised.")
    name, errors = next(iter(failed.items()))
    return Finding(False, len(failed), "raises", f"Rules raised on {len(failed)} sources; {name}: {errors[0]}.")


@check(
    "A long module takes little longer",
    needs="large", at_most=LONG_GOAL, unit="s of computing, longest of four long modules", keeps=0.0,
    simulated_only="a live run measures the machine, and what else it does",
    hint="Collect once what each node is asked for: who walks the whole tree for each node, walks it 20,000 times.",
)  # fmt: skip
def fast(run: Run) -> Finding:
    """The seconds of computing for modules that are long in one way each: functions, files, sessions, one name."""
    took = {name: seconds for name, (_, seconds) in readings.large(run).items() if name in SHAPES}
    if len(took) < len(SHAPES):
        return NO_REVIEW
    name = max(SHAPES, key=lambda shape: took[shape])
    told = f"{name[0].upper()}{name[1:]}: {took[name]:.2f} s."
    if took[name] <= LONG_GOAL:
        return Finding(True, took[name], "fast", told)
    return Finding(False, took[name], "walks_in_walks" if name == SHAPES[0] else "each_with_each", told)


@check(
    "Editors are answered",
    needs=("review", "large"), at_least=SERVED_GOAL, unit="share of the requests", keeps=0.0,
    hint="Each rule yields pairs: the number of a line, and a text.",
)  # fmt: skip
def served(runs: Mapping[str, Run]) -> Finding:
    """The linter answers those who write, each with findings of the form that was asked for."""
    true = answered_truly(runs)
    if not true.passed:
        return true
    share = min(stats.success_rate(run) for run in runs.values())
    slug = "served" if share >= SERVED_GOAL else "not_served"
    return Finding(share >= SERVED_GOAL, share, slug, f"{share:.1%} of the editors' requests were answered.")


CHECKS = (finds, quiet, lines, clauses, gate, variants, copes, fast, served, *TOWN_CHECKS)
