"""What lab05 adds to the learner's handle: `lab.flight(run, ...)`, `lab.signals(run, ...)`, `lab.waiting_for(run)`,
`lab.waterfall(run)`, `lab.percentiles()`, `lab.policies()`, `lab.alert()` and `lab.lint()`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from math import inf
from typing import TYPE_CHECKING

from labs.kit.charts.chart import plural, seconds
from labs.kit.measure import stats
from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, REFERENCE, named
from labs.kit.model.load import Phase
from labs.kit.model.record import Log, Run
from labs.kit.notebook import alerts, notes, results
from labs.kit.notebook import policies as kit_policies
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab05_timeouts import figures
from labs.lab05_timeouts.checks import PAGE_S, PROMISE_S
from labs.lab05_timeouts.diagnosis import PHASES as PHASES_TOLD
from labs.lab05_timeouts.lint import findings
from labs.lab05_timeouts.phases import PHASES, WAITING
from labs.lab05_timeouts.readings import (
    CHECKOUT,
    HEALTHY,
    LINKS,
    OPTIONAL,
    PRODUCT,
    for_nobody,
    in_time,
    most_under_way,
    requests,
    share_shown,
    times,
    times_charged,
    trouble,
)
from labs.lab05_timeouts.scenarios import FAULT_AT_S, RATE
from labs.lab05_timeouts.service import IN_FLIGHT

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

PATHS = {"/charge": "payments", "/find": "search", "/for": "recommendations"}
POLICIES = {
    "5 s for every call": "wrong_five_seconds",
    "a timeout for connecting only": "wrong_connect_only",
    "a timeout for each read": "wrong_sock_read_only",
    "a pool for each service, no timeout": "wrong_separate_sessions",
    "wait_for round a thread": "wrong_threads",
    "0.12 s for every call": "wrong_below_p99",
    "payments is not told the deadline": "wrong_deadline_kept",
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/; the learner's repair comes last."""
CALM_SEEDS = 6
"""Calm runs whose answers `lab.percentiles()` counts together."""
TIMEOUTS_S = (0.12, 0.2, 0.3, 0.45)
MOST_USED = 75
"""With no more places used than this of the 100, an alert is early: at 25 calls a second it leaves a second and more."""


def flight(learner: Learner, *runs: Run | None, titles: tuple[str, ...] = (), watched: str = "recommendations") -> None:
    """Draw one to three runs: times of checkout and search, product pages in time, and what waits in the storefront.

    `watched` is the service whose calls are drawn.
    """
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 3 or watched not in LINKS:
        raise LearnerError(
            f"{plural(len(chosen), 'run')} and the service {watched!r} were given; expected one to three runs and one of:"
            f" {', '.join(LINKS)}"
        )
    heads = titles if len(titles) == len(chosen) else [f"{named(r.info.fix)}, {r.info.scenario}" for r in chosen]
    results.draw(figures.flight(chosen, heads, watched))
    _tell_silence(chosen)


def _tell_silence(runs: list[Run]) -> None:
    """Say which services were called not once: `except Exception` round a slip in the repair makes no other noise."""
    for run in runs:
        silent = [name for name, link in LINKS.items() if not run.requests(link)]
        if silent:
            told = f"{named(run.info.fix)}, {run.info.scenario}: no call at all was made to {' or '.join(silent)}."
            why = "Does an `except` hide a slip? Take it out, or narrow it to aiohttp.ClientError and TimeoutError."
            notes.show(Note((told[:1].upper() + told[1:], why), "warn"))


def signals(learner: Learner, *runs: Run | None) -> None:
    """The signals of some runs, side by side: before, while and after a service was in trouble."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    readings = [_read(run) for run in chosen]
    heads = [f"{named(run.info.fix)}, {run.info.scenario}, {run.info.world}" for run in chosen]
    rows = [("signal", *heads)]
    rows += [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    head = "The signals, all but the last row as seen from outside of the storefront; `meanwhile` is during the trouble:"
    notes.show(Note((head,), table=tuple(rows)))
    _tell_silence(chosen)


def _read(run: Run) -> dict[str, str]:
    start, end = trouble(run)
    after = (end + 1.5, run.info.load_s) if end + 2 < run.info.load_s else None
    charged, failed = times_charged(run), [r for r in requests(run, (CHECKOUT,)) if not r.ok]
    paid_for = sum(charged[r.request_id] > 0 for r in failed)
    own = [s.value for s in run.samples(IN_FLIGHT, "storefront")]
    return {
        "trouble": f"second {start:g} to {end:g}" if start else "none",
        "checkout and search, p50 meanwhile": _time(stats.percentile(times(run, HEALTHY, start, end), 50)),
        f"of these, within {PROMISE_S:g} s": f"{in_time(run, HEALTHY, PROMISE_S, start, end):.0%}",
        f"product pages within {PAGE_S:g} s meanwhile": f"{in_time(run, (PRODUCT,), PAGE_S, start, end):.0%}",
        "pages with recommendations, from 1.5 s after it": f"{share_shown(run, *after):.0%}" if after else "-",
        "calls to recommendations at once, on average meanwhile": f"{stats.mean_in_flight(run, OPTIONAL, start, end):.1f}",
        "calls to recommendations at once, most of the whole run": f"{most_under_way(run, LINKS['recommendations'])}",
        "orders of the whole run that failed, of these charged": f"{len(failed)}, {paid_for}",
        "payments at work for customers who left or were told no": f"{sum(for_nobody(run).values()):.1f} s",
        "requests being served, most of the whole run (says the storefront)": f"{max(own, default=0):.0f}",
    }


def _time(value: float) -> str:
    return "no answer" if value == inf else seconds(value)


def waiting_for(learner: Learner, run: Run | None, at: float = 8.0) -> None:
    """For what the storefront's calls wait at one second of the run, and how long they waited all together until then.

    aiohttp's TraceConfig says when each phase of a call ends; the storefront reports twice a second.
    """
    if run is None:
        results.nothing()
        return
    told = [log for log in run.logs("storefront") if log.event == WAITING and log.time <= at]
    if not is_number(at) or not told:
        raise LearnerError(f"nothing was reported by second {at!r}; give a second between 1 and {run.info.seconds:g}")
    now, spent = _by_phase(told[-1], "now"), _by_phase(told[-1], "spent")
    rows: list[tuple[str, ...]] = [("calls to", *PHASES_TOLD)]
    rows += [(name, *(_waits(now[path, p], spent[path, p]) for p in PHASES)) for path, name in PATHS.items()]
    head = f"What calls of {named(run.info.fix)} wait for at second {told[-1].time:.1f}: how many calls do so now, and"
    head += " how many seconds all calls so far have spent on it, added up."
    head += " A dash: none at all." if any("-" in row for row in rows) else ""
    notes.show(Note((head,), table=tuple(rows)))


def _waits(now: float, spent: float) -> str:
    """One cell of `waiting_for`."""
    if not now and spent < 0.05:
        return "<0.1 s in all" if spent else "-"
    return f"{now:.0f} now; {spent:.1f} s in all"


def _by_phase(log: Log, field: str) -> Counter[tuple[str, str]]:
    """One of the counts of a report, by (path, phase). The storefront runs the repair: what it writes is checked."""
    try:
        found = dict(json.loads(log.fields)[field])
    except (ValueError, KeyError, TypeError):
        return Counter()
    return Counter({(path, phase): found.get(f"{path} {phase}", 0) for path in PATHS for phase in PHASES})


def waterfall(learner: Learner, run: Run | None, visit: str | None = None) -> None:
    """All calls made for one request, by default for the first checkout whose customer left without an answer."""
    if run is None:
        results.nothing()
        return
    known = [r.request_id for r in run.requests()]
    if visit is not None and visit not in known:
        raise LearnerError(f"no request {visit!r} in this run; it has visit-0 to visit-{len(known) - 1}")
    left = [r.request_id for r in requests(run, (CHECKOUT,)) if r.status == 0]
    results.draw(figures.one_request(run, visit or [*left, *known][0]))


def percentiles(learner: Learner) -> None:
    """How long the answers of each service take while all is well, and how many of them a timeout would refuse."""
    if validating():
        return
    lab = learner.lab
    jobs = {seed: Job(shipped(lab, BROKEN), lab.scenario("calm"), seed) for seed in range(CALM_SEEDS)}
    runs = list(learner.records("percentiles", jobs, 2.0).values())
    rows: list[tuple[str, ...]] = [
        ("service", "answers", "p50", "p99", "p99.9", "longest", *(f"over {limit:g} s" for limit in TIMEOUTS_S))
    ]
    for name, link in LINKS.items():
        took = sorted(r.done - r.sent for run in runs for r in run.requests(link) if r.ok and r.done is not None)
        over = (f"{sum(t > limit for t in took) / len(took):.1%}" for limit in TIMEOUTS_S)
        rows.append((name, f"{len(took):,}", *(seconds(stats.percentile(took, q)) for q in (50, 99, 99.9, 100)), *over))
    head = f"Answers of the three services in {plural(len(runs), 'calm run')}, on the wire, and the share over a limit:"
    notes.show(Note((head,), table=tuple(rows)))


def policies(learner: Learner) -> None:
    """Run what most people try first, and your repair, and see which checks each one passes; one seed."""
    told = "Share of requests or pages as the check wants it; `stops`: seconds of work for nobody; x: misses the goal."
    kit_policies.table(learner, POLICIES, told, 1.5)


def alert(learner: Learner, above: float | None = None, for_s: float = 2.0) -> None:
    """Try an alert rule: it fires when more than `above` calls to any one service are under way, for `for_s` seconds.

    The rule is run against a healthy shop, one in a rush, the reference repair while recommendations hangs, without and with
    a rush, and broken ones.
    """
    if above is None:
        alerts.no_rule_yet()
        return
    if not is_number(above) or not is_number(for_s) or above < 0 or for_s < 0.5:
        raise LearnerError(
            f"the rule is more than {above!r} calls for {for_s!r} s; expected 0 calls or more, and at least 0.5 s"
        )
    lab = learner.lab
    broken = shipped(lab, BROKEN)
    rush = lab.scenario("calm").with_(name="rush", load=(Phase(3 * RATE, 4.0),))
    mended, crowd = shipped(lab, REFERENCE), lab.scenario("hole").with_(name="crowd", load=(Phase(3 * RATE, 7.0),))
    cases = {
        "healthy": Case(Job(broken, lab.scenario("calm"))),
        "healthy, three times the customers": Case(Job(broken, rush)),
        "reference repair, while recommendations hangs": Case(Job(mended, lab.scenario("hole"))),
        "the same, three times the customers": Case(Job(mended, crowd)),
        "broken, while recommendations hangs": Case(Job(broken, lab.scenario("hole")), FAULT_AT_S),
        "broken, while recommendations drips": Case(Job(broken, lab.scenario("drip")), FAULT_AT_S),
    }
    told = f"Page when more than {above:g} calls to one service are under way for {for_s:g} s:"
    beside = ("places taken when it fires, else the most", lambda run: f"{_used(run, above, for_s)}")
    alerts.try_rule(learner, told, cases, lambda run: fires_at(run, above, for_s), 2.0, beside)
    if validating():
        return
    runs = learner.records("alert", {title: case.job for title, case in cases.items()}, 2.0)
    fired = [(fires_at(runs[title], above, for_s), case.broken_at_s) for title, case in cases.items()]
    used = [_used(runs[title], above, for_s) for title, case in cases.items() if case.broken_at_s is not None]
    notes.show(judgement(fired, max(used)))


def _used(run: Run, above: float, for_s: float) -> int:
    """Calls under way to the service that has most of them: when the rule fires; if it never does, the most of the run."""
    at = fires_at(run, above, for_s)
    if at is None:
        return max(most_under_way(run, link) for link in LINKS.values())
    return max(stats.in_flight(run, link, at) for link in LINKS.values())


def judgement(fired: Sequence[tuple[float | None, float | None]], used: int) -> Note:
    """What to think of an alert rule.

    Args:
        fired: for each run, when the rule fired, and from when on it should have; None is never.
        used: the most places that were taken in a broken run at the moment at which the rule fired.
    """
    false = sum(at is not None and (broken is None or at < broken) for at, broken in fired)
    missed = sum(at is None and broken is not None for at, broken in fired)
    wrong = [f"{plural(false, 'false alarm')}: page at more calls, or after a longer time"] if false else []
    wrong += [f"{missed} missed: page at fewer calls, or after a shorter time"] if missed else []
    if not wrong and used > MOST_USED:
        wrong = [f"it fires when {used} of the 100 places are taken, more than {MOST_USED}: page at fewer calls, or sooner"]
    if wrong:
        return Note((f"Not yet: {'; '.join(wrong)}.",), "warn")
    free = 100 - used
    return Note(
        (f"A good rule: quiet where it should be, and {free} of the 100 places are still free when it fires.",), "good"
    )


def fires_at(run: Run, above: float, for_s: float, every_s: float = 0.1) -> float | None:
    """The second at which the alert rule of `alert` fires, None if it never does. Looked at ten times a second."""
    first: list[float] = []
    for link in LINKS.values():
        changes = sorted(
            [(r.sent, 1) for r in run.requests(link)] + [(r.done, -1) for r in run.requests(link) if r.done is not None]
        )
        now, since, position = 0, inf, 0
        for step in range(round(run.info.load_s / every_s) + 1):
            at = step * every_s
            while position < len(changes) and changes[position][0] <= at:
                now += changes[position][1]
                position += 1
            since = min(since, at) if now > above else inf
            if at - since >= for_s - 1e-9:
                first.append(at)
                break
    return min(first, default=None)


def lint(learner: Learner, fix: str = "fix") -> None:
    """Calls of a repair that may wait without a bound, by line."""
    chosen = learner.repair(fix)
    if chosen is None:
        return
    found = tuple(f"fix.py:{one.line}: {one.told}" for one in findings(chosen.source))
    head = f"{plural(len(found), 'finding')} in {named(chosen.name)}" + (":" if found else ".")
    notes.show(Note((head,), "warn" if found else "good", listed=found))
