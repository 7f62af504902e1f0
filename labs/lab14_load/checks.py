"""What is graded: one function a point. Each reads runs and nothing else.

The verdict of a test is an opinion, so it is judged by its worth: on versions of the shop of which it is known whether they
are good. What a test does is seen on the wire, between the tester and the gateway.
"""

from __future__ import annotations

import math
from collections.abc import Mapping

from labs.kit import Finding, Run, check, stats
from labs.lab14_load import readings
from labs.lab14_load.scenarios import BANKS, BEGINS_S, CROWD_RATE, CROWD_S, MOST_REQUESTS, RATE, TEST_S
from labs.lab14_load.versions import GOOD, REGRESSIONS, SAID, SLOW, SURGE

HONEST_GOAL = 3
FAIR = 2
"""A no counts from a test that says yes to so many good versions."""
OPEN_GOAL = 0.4
CAPACITY_GOAL = 0.07
RATE_WITHIN = 0.4
CROWD_WITHIN, FILLED_S = 0.2, 1.0
"""The rate of a crowd is that of many more requests, and less a matter of chance; any places are soon taken."""
FAR = 1.0
OUT_OF_WORK = "closed", "dead"
"""A no to these is no merit: any test sees them."""
COLD_S = 12.0
"""A test that says no so soon has judged the seconds in which a version is cold."""
MOST_FOR_CAPACITY = 1500


def those(shows: str) -> tuple[str, ...]:
    """The names of the regressions that show there."""
    return tuple(name for name, each in REGRESSIONS.items() if each.shows == shows)


def _killed(runs: Mapping[str, Run], shows: str) -> Finding:
    """How many of the regressions that show there are found; none by a test that says no to most good versions."""
    names = those(shows)
    passed = sum(readings.outcome(runs[name]).word == "pass" for name in GOOD)
    if passed < FAIR:
        told = f"{passed} of {len(GOOD)} good versions pass: the no of such a test says nothing."
        return Finding(False, 0, "never_passes", told)
    left = readings.survivors(runs, names)
    found = len(names) - len(left)
    told = f"{found} of {len(names)} regressions were found"
    if not left:
        return Finding(True, found, "all", f"{told}.")
    first = REGRESSIONS[left[0]].message
    said = readings.outcome(runs[left[0]])
    told = f"{told}. On {left[0]!r}, {first!r}, {_instead(said)}."
    return Finding(False, found, "raised" if said.word == "error" else f"missed_{left[0]}" if found else "missed_all", told)


def _instead(said: readings.Outcome) -> str:
    """What the test did that did not say no."""
    if said.word == "error":
        return f"it raised {said.why[:80]}, which is no verdict: only an AssertionError is a no"
    return {"pass": "the test passed", "late": f"the test {said.why}"}.get(said.word, f"there was {said.word}")


@check(
    "The test finds what is wrong above capacity",
    needs=(*GOOD, *those(SURGE)), at_least=len(those(SURGE)), unit=f"regressions found, of {len(those(SURGE))}", points=1,
    hint="Offer twice as much as the shop can do, for some seconds. What was promised for that?",
)  # fmt: skip
def above(runs: Mapping[str, Run]) -> Finding:
    """Regressions that only show when more is asked for than can be done."""
    return _killed(runs, SURGE)


@check(
    "The test finds what is slow for a few, what stays bad, and what does not work",
    needs=(*GOOD, *those(SLOW)), at_least=len(those(SLOW)), unit=f"regressions found, of {len(those(SLOW))}", points=1,
    hint="A tenth of the users waits for a second: which figure shows it? And ask again when the bad requests are over.",
)  # fmt: skip
def slow(runs: Mapping[str, Run]) -> Finding:
    """Regressions of a few slow answers, one that wrong input leaves behind, and two that answer nothing as asked."""
    return _killed(runs, SLOW)


@check(
    "The test reads the answers",
    needs=(*GOOD, *those(SAID)), at_least=len(those(SAID)), unit=f"regressions found, of {len(those(SAID))}", points=1,
    hint="A 200 is an answer to something. To what was asked?",
)  # fmt: skip
def said(runs: Mapping[str, Run]) -> Finding:
    """Regressions that only show in what the answers say."""
    return _killed(runs, SAID)


@check(
    "The test passes on good versions, and not on all",
    needs=(*GOOD, *REGRESSIONS), at_least=HONEST_GOAL, unit="good versions passed, of 3", points=2,
    hint="A bound copied from one version is a bound on that version. What was promised, and what is only chance?",
)  # fmt: skip
def honest(runs: Mapping[str, Run]) -> Finding:
    """Three good versions of different design pass, and some other one does not."""
    if not any(readings.killed(runs[name]) for name in REGRESSIONS if name not in OUT_OF_WORK):
        return Finding(False, 0, "never_fails", "To no version that works at all the test says no: its yes says nothing.")
    said = {name: readings.outcome(runs[name]) for name in GOOD}
    passed = sum(each.word == "pass" for each in said.values())
    told = f"{passed} of {len(GOOD)} good versions passed"
    if passed >= HONEST_GOAL:
        return Finding(True, passed, "passed", f"{told}.")
    name, first = next((name, each) for name, each in said.items() if each.word != "pass")
    all_of_them = "fails_cold" if max(readings.took_s(runs[each]) for each in GOOD) < COLD_S else "fails_all"
    slug = {"fail": f"fails_{name}" if passed else all_of_them, "error": "raised", "late": "late"}.get(first.word, "silent")
    return Finding(False, passed, slug, f"{told}. On {name!r}, the test said {first.word}: {first.why[:120]}")


@check(
    "The load is open: nobody waits for anybody's answer before asking",
    needs=("hangs", "crowd"), at_most=OPEN_GOAL, unit="change of the arrivals while payments hangs", points=1,
    hint="A user who arrives does not know that the one before is still waiting. asyncio.create_task() does not wait.",
)  # fmt: skip
def open_(runs: Mapping[str, Run]) -> Finding:
    """The load sends as many requests a second while answers do not come, and in a crowd; and returns all answers."""
    before, during = readings.rates(runs["hangs"])
    if not RATE * (1 - RATE_WITHIN) <= before <= RATE * (1 + RATE_WITHIN):
        told = f"Asked for {RATE:g} requests a second, load() sent {before:.1f} while all was well."
        return Finding(False, math.inf, "not_the_rate", told)
    steady = _change(before, during, "hung", "waits")
    if not steady.passed:
        return steady
    sent = readings.sent(runs["crowd"], BEGINS_S + FILLED_S, BEGINS_S + CROWD_S)
    if abs(sent / CROWD_RATE - 1) > CROWD_WITHIN:
        most = stats.most_in_flight(runs["crowd"], readings.LINK)
        told = f"Asked for {CROWD_RATE:g} requests a second, load() sent {sent:.0f}: never more than {most} at once."
        return Finding(False, math.inf, "limited", told)
    for run in runs.values():
        if (said := readings.outcome(run)).word != "loaded":
            return Finding(
                False, math.inf, "no_answers", f"load() returned no answers: {said.word} {said.why[:100]}".rstrip() + "."
            )
        if (back := readings.returned(run)) < (all_of_them := readings.named(run)):
            told = f"load() sent {all_of_them} requests and returned {back} answers: who waits longest must be among them."
            return Finding(False, math.inf, "drops", told)
    return steady


@check(
    "Refusals bring no more requests, and no fewer",
    needs="refuses", at_most=OPEN_GOAL, unit="change of the arrivals while payments refuses", keeps=0.5,
    hint="A refusal comes at once. Who asks again as soon as there is an answer asks most where there is most trouble.",
)  # fmt: skip
def floods(run: Run) -> Finding:
    """The load sends as many requests a second while all are refused at once, by 503 or 429, as before."""
    return _change(*readings.rates(run), "refused everything", "pauses")


def _change(before: float, during: float, what: str, fewer: str) -> Finding:
    """By how much the arrivals of a trouble differ from what was asked for."""
    change = during / RATE - 1
    slug = "open" if abs(change) <= OPEN_GOAL else fewer if during < before else "floods"
    told = f"load() sent {before:.1f} requests a second before payments {what}, and {during:.1f} meanwhile."
    return Finding(slug == "open", abs(change), slug, told)


@check(
    "The capacity is stated",
    needs=tuple(BANKS), at_most=CAPACITY_GOAL, unit="relative error, the worst of 3", points=2,
    hint="Raise the rate in steps of some seconds, until what is confirmed rises no more. Refusals are no orders.",
)  # fmt: skip
def capacity(runs: Mapping[str, Run]) -> Finding:
    """The capacity of three shops is stated, with few requests."""
    worst = Finding(True, 0.0, "stated", "")
    for name, run in runs.items():
        figure, truth, sent = readings.stated(run), readings.truth(run), readings.asked(run)
        if math.isnan(figure) or not sent:
            said = readings.outcome(run)
            why = said.why[:100] if said.word == "late" else f"{said.word} {said.why[:100]}"
            return Finding(False, math.inf, "no_figure", f"capacity() stated none of {name!r}: {why}.")
        if sent > MOST_FOR_CAPACITY:
            return Finding(False, math.inf, "greedy", f"{sent:,} requests to {name!r}; {MOST_FOR_CAPACITY:,} are enough.")
        error = figure / truth - 1
        if abs(error) >= worst.measured:
            slug = "far_too_high" if error > FAR else "too_high" if error > 0 else "too_low"
            told = f"The shop {name!r} can confirm {truth:.1f} orders a second; stated were {figure:.1f}."
            passed = abs(error) <= CAPACITY_GOAL
            worst = Finding(passed, abs(error), "stated" if passed else slug, told)
    return worst


@check(
    "The test is short, and nothing of it goes on",
    needs=(*GOOD, *REGRESSIONS, *BANKS, "hangs", "crowd"), at_most=MOST_REQUESTS, unit="requests of a test", keeps=0.5,
    hint="A test that takes too long is run once a week, and then not at all. A test that has said no must stop asking.",
)  # fmt: skip
def short(runs: Mapping[str, Run]) -> Finding:
    """A test takes at most 45 s and 800 requests, and none of the three asks when it has ended."""
    if late := [name for name in GOOD if readings.outcome(runs[name]).word == "late"]:
        return Finding(False, math.inf, "too_long", f"The test of {late[0]!r} was not over after {TEST_S:g} s.")
    for name, run in runs.items():
        if more := readings.goes_on(run):
            told = f"{more} requests came after the end of what was asked of {name!r}: something was left running."
            return Finding(False, math.inf, "goes_on", told)
    sent = max(readings.asked(runs[name]) for name in GOOD)
    return Finding(sent <= MOST_REQUESTS, sent, "short" if sent <= MOST_REQUESTS else "too_many", f"{sent:,} requests.")


CHECKS = (above, slow, said, honest, open_, capacity, floods, short)
