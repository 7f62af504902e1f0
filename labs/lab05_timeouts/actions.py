"""What lab05 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from math import inf

from labs.kit import (
    BROKEN,
    REFERENCE,
    Chart,
    Learner,
    LearnerError,
    Note,
    Phase,
    Run,
    action,
    alerts,
    chart,
    is_number,
    named,
    names,
    record,
    results,
    stats,
)  # fmt: skip
from labs.lab05_timeouts import figures, readings
from labs.lab05_timeouts.checks import PAGE_S, PROMISE_S
from labs.lab05_timeouts.diagnosis import PHASES as PHASES_TOLD
from labs.lab05_timeouts.lint import findings
from labs.lab05_timeouts.phases import PHASES, WAITING
from labs.lab05_timeouts.readings import CHECKOUT, HEALTHY, LINKS, OPTIONAL, PRODUCT
from labs.lab05_timeouts.scenarios import FAULT_AT_S, RATE

PATHS = {"/charge": "payments", "/find": "search", "/for": "recommendations"}
CALM_SEEDS = 6
"""Calm runs whose answers `lab.percentiles()` counts together."""
TIMEOUTS_S = (0.12, 0.2, 0.3, 0.45)
MOST_USED = 75
"""With no more places used than this of the 100, an alert is early: at 25 calls a second it leaves a second and more."""


@action(most_runs=3)
def flight(
    learner: Learner, *runs: Run, titles: tuple[str, ...] = (), watched: str = "recommendations"
) -> Iterator[Chart | Note]:
    """Draw one to three runs: times of checkout and search, product pages in time, and what waits in the storefront.

    `watched` is the service whose calls are drawn.
    """
    if watched not in LINKS:
        raise LearnerError(f"no service {watched!r}; choose one of {', '.join(LINKS)}")
    yield figures.flight(runs, results.heads(runs, titles), watched)
    yield from _silent(runs)


def _silent(runs: Sequence[Run]) -> Iterator[Note]:
    """Which services were called not once: `except Exception` round a slip in the repair makes no other noise."""
    for run in runs:
        silent = [name for name, link in LINKS.items() if not run.requests(link)]
        if silent:
            told = f"{named(run.info.fix)}, {run.info.scenario}: no call at all was made to {' or '.join(silent)}."
            why = "Does an `except` hide a slip? Take it out, or narrow it to aiohttp.ClientError and TimeoutError."
            yield Note((told[:1].upper() + told[1:], why), "warn")


@action
def signals(learner: Learner, *runs: Run) -> Iterator[Note]:
    """The signals of some runs, side by side: before, while and after a service was in trouble."""
    told = "The signals, all but the last row as seen from outside of the storefront; `meanwhile` is during the trouble:"
    yield results.side_by_side(told, runs, _read)
    yield from _silent(runs)


def _read(run: Run) -> dict[str, str]:
    start, end = readings.trouble(run)
    after = (end + 1.5, run.info.load_s) if end + 2 < run.info.load_s else None
    charged, failed = readings.times_charged(run), [r for r in readings.requests(run, (CHECKOUT,)) if not r.ok]
    paid_for = sum(charged[r.request_id] > 0 for r in failed)
    own = [s.value for s in run.samples(names.ACTIVE_REQUESTS, "storefront")]
    return {
        "trouble": f"second {start:g} to {end:g}" if start else "none",
        "checkout and search, p50 meanwhile": _time(stats.percentile(readings.times(run, HEALTHY, start, end), 50)),
        f"of these, within {PROMISE_S:g} s": f"{readings.in_time(run, HEALTHY, PROMISE_S, start, end):.0%}",
        f"product pages within {PAGE_S:g} s meanwhile": f"{readings.in_time(run, (PRODUCT,), PAGE_S, start, end):.0%}",
        "pages with recommendations, from 1.5 s after it": f"{readings.share_shown(run, *after):.0%}" if after else "-",
        "calls to recommendations at once, on average meanwhile": f"{stats.mean_in_flight(run, OPTIONAL, start, end):.1f}",
        "calls to recommendations at once, most of the whole run": f"{stats.most_in_flight(run, LINKS['recommendations'])}",
        "orders of the whole run that failed, of these charged": f"{len(failed)}, {paid_for}",
        "payments at work for customers who left or were told no": f"{sum(readings.for_nobody(run).values()):.1f} s",
        "requests being served, most of the whole run (says the storefront)": f"{max(own, default=0):.0f}",
    }


def _time(value: float) -> str:
    return "no answer" if value == inf else chart.seconds(value)


@action
def waiting_for(learner: Learner, run: Run, at: float = 8.0) -> Note:
    """For what the storefront's calls wait at one second of the run, and how long they waited all together until then.

    aiohttp's TraceConfig says when each phase of a call ends; the storefront reports twice a second.
    """
    told = [log for log in run.logs("storefront") if log.event == WAITING and log.time <= at]
    if not is_number(at) or not told:
        raise LearnerError(f"nothing was reported by second {at!r}; give a second between 1 and {run.info.seconds:g}")
    now, spent = _by_phase(told[-1], "now"), _by_phase(told[-1], "spent")
    rows: list[tuple[str, ...]] = [("calls to", *PHASES_TOLD)]
    rows += [(name, *(_waits(now[path, p], spent[path, p]) for p in PHASES)) for path, name in PATHS.items()]
    head = f"What calls of {named(run.info.fix)} wait for at second {told[-1].time:.1f}: how many calls do so now, and"
    head += " how many seconds all calls so far have spent on it, added up."
    head += " A dash: none at all." if any("-" in row for row in rows) else ""
    return Note((head,), table=tuple(rows))


def _waits(now: float, spent: float) -> str:
    """One cell of `waiting_for`."""
    if not now and spent < 0.05:
        return "<0.1 s in all" if spent else "-"
    return f"{now:.0f} now; {spent:.1f} s in all"


def _by_phase(log: record.Log, field: str) -> Counter[tuple[str, str]]:
    """One of the counts of a report, by (path, phase). The storefront runs the repair: what it writes is checked."""
    try:
        found = dict(json.loads(log.fields)[field])
    except (ValueError, KeyError, TypeError):
        return Counter()
    return Counter({(path, phase): found.get(f"{path} {phase}", 0) for path in PATHS for phase in PHASES})


@action
def waterfall(learner: Learner, run: Run, visit: str | None = None) -> Chart:
    """All calls made for one request, by default for the first checkout whose customer left without an answer."""
    known = [r.request_id for r in run.requests()]
    if visit is not None and visit not in known:
        raise LearnerError(f"no request {visit!r} in this run; it has visit-0 to visit-{len(known) - 1}")
    left = [r.request_id for r in readings.requests(run, (CHECKOUT,)) if r.status == 0]
    return figures.one_request(run, visit or [*left, *known][0])


@action(makes_runs=True)
def percentiles(learner: Learner) -> Note:
    """How long the answers of each service take while all is well, and how many of them a timeout would refuse."""
    jobs = {seed: learner.job(BROKEN, "calm", seed) for seed in range(CALM_SEEDS)}
    runs = list(learner.records("percentiles", jobs, 2.0).values())
    rows = [("service", "answers", "p50", "p99", "p99.9", "longest", *(f"over {limit:g} s" for limit in TIMEOUTS_S))]
    for name, link in LINKS.items():
        took = sorted(r.done - r.sent for run in runs for r in run.requests(link) if r.ok and r.done is not None)
        over = (f"{sum(t > limit for t in took) / len(took):.1%}" for limit in TIMEOUTS_S)
        percentiles = (chart.seconds(stats.percentile(took, q)) for q in (50, 99, 99.9, 100))
        rows.append((name, f"{len(took):,}", *percentiles, *over))
    calm = chart.plural(len(runs), "calm run")
    return Note((f"Answers of the three services in {calm}, on the wire, and the share over a limit:",), table=tuple(rows))


@action
def alert(learner: Learner, above: float | None = None, for_s: float = 2.0) -> Note | None:
    """Try an alert rule: it fires when more than `above` calls to any one service are under way, for `for_s` seconds.

    The rule is run against a healthy shop, one in a rush, the reference repair while recommendations hangs, without and with
    a rush, and broken ones.
    """
    if not alerts.written(above, for_s, "0 calls or more", 0.5, least=0):
        return None
    rush = learner.scenario("calm").with_(name="rush", load=(Phase(3 * RATE, 4.0),))
    crowd = learner.scenario("hole").with_(name="crowd", load=(Phase(3 * RATE, 7.0),))
    cases = {
        "healthy": alerts.Case(learner.job(BROKEN, "calm")),
        "healthy, three times the customers": alerts.Case(learner.job(BROKEN, rush)),
        "reference repair, while recommendations hangs": alerts.Case(learner.job(REFERENCE, "hole")),
        "the same, three times the customers": alerts.Case(learner.job(REFERENCE, crowd)),
        "broken, while recommendations hangs": alerts.Case(learner.job(BROKEN, "hole"), FAULT_AT_S),
        "broken, while recommendations drips": alerts.Case(learner.job(BROKEN, "drip"), FAULT_AT_S),
    }
    told = f"Page when more than {above:g} calls to one service are under way for {for_s:g} s:"
    beside = ("places taken when it fires, else the most", lambda run: f"{_used(run, above, for_s)}")
    runs = alerts.try_rule(learner, told, cases, lambda run: fires_at(run, above, for_s), 2.0, beside)
    if not runs:
        return None
    fired = [(fires_at(runs[title], above, for_s), case.broken_at_s) for title, case in cases.items()]
    used = [_used(runs[title], above, for_s) for title, case in cases.items() if case.broken_at_s is not None]
    return judgement(fired, max(used))


def _used(run: Run, above: float, for_s: float) -> int:
    """Calls under way to the service that has most of them: when the rule fires; if it never does, the most of the run."""
    at = fires_at(run, above, for_s)
    if at is None:
        return max(stats.most_in_flight(run, link) for link in LINKS.values())
    return max(stats.in_flight(run, link, at) for link in LINKS.values())


def judgement(fired: Sequence[tuple[float | None, float | None]], used: int) -> Note:
    """What to think of an alert rule.

    Args:
        fired: for each run, when the rule fired, and from when on it should have; None is never.
        used: the most places that were taken in a broken run at the moment at which the rule fired.
    """
    false = sum(at is not None and (broken is None or at < broken) for at, broken in fired)
    missed = sum(at is None and broken is not None for at, broken in fired)
    wrong = [f"{chart.plural(false, 'false alarm')}: page at more calls, or after a longer time"] if false else []
    wrong += [f"{missed} missed: page at fewer calls, or after a shorter time"] if missed else []
    if not wrong and used > MOST_USED:
        wrong = [f"it fires when {used} of the 100 places are taken, more than {MOST_USED}: page at fewer calls, or sooner"]
    if wrong:
        return Note((f"Not yet: {'; '.join(wrong)}.",), "warn")
    free = f"{100 - used} of the 100 places are still free"
    return Note((f"A good rule: quiet where it should be, and {free} when it fires.",), "good")


def fires_at(run: Run, above: float, for_s: float, every_s: float = 0.1) -> float | None:
    """The second at which the alert rule of `alert` fires, None if it never does. Looked at ten times a second."""
    first: list[float] = []
    for link in LINKS.values():
        calls = run.requests(link)
        changes = sorted([(r.sent, 1) for r in calls] + [(r.done, -1) for r in calls if r.done is not None])
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


@action
def lint(learner: Learner, fix: str = "fix") -> Note | None:
    """Calls of a repair that may wait without a bound, by line."""
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    found = tuple(f"fix.py:{one.line}: {one.told}" for one in findings(chosen.source))
    head = f"{chart.plural(len(found), 'finding')} in {named(chosen.name)}" + (":" if found else ".")
    return Note((head,), "warn" if found else "good", listed=found)
