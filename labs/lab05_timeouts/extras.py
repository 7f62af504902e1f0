"""What lab05 adds to the learner's handle: `lab.flight(run, ...)`, `lab.signals(run, ...)`, `lab.waiting_for(run)`,
`lab.waterfall(run)`, `lab.percentiles()`, `lab.policies()`, `lab.alert()` and `lab.lint()`."""

from __future__ import annotations

import json
from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from labs.kit import alerts, cards, charts, results, stats
from labs.kit import policies as kit_policies
from labs.kit.actions import LearnerError, is_number, validating
from labs.kit.alerts import Case
from labs.kit.batch import Job
from labs.kit.cards import Note
from labs.kit.charts.chart import plural, seconds
from labs.kit.lab import BROKEN, REFERENCE
from labs.kit.load import Phase
from labs.kit.record import Log, Run
from labs.kit.repairs import shipped
from labs.lab05_timeouts import figures
from labs.lab05_timeouts.checks import PAGE_S, PROMISE_S
from labs.lab05_timeouts.lint import findings
from labs.lab05_timeouts.phases import PHASES, WAITING
from labs.lab05_timeouts.readings import (
    CHECKOUT,
    HEALTHY,
    LINKS,
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
    from labs.kit.learner import Learner

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


def flight(learner: Learner, *runs: Run | None, titles: tuple[str, ...] = (), watched: str = "recommendations") -> None:
    """Draw one to three runs: request times of checkout and search, and under them what waits in the storefront.

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
    heads = titles if len(titles) == len(chosen) else [f"{results.named(r.info.fix)}, {r.info.scenario}" for r in chosen]
    results.draw(figures.flight(chosen, heads, watched))


def signals(learner: Learner, *runs: Run | None) -> None:
    """The signals of some runs, side by side: before, while and after a service was in trouble."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    readings = [_read(run) for run in chosen]
    heads = [f"{results.named(run.info.fix)}, {run.info.scenario}, {run.info.world}" for run in chosen]
    rows = [("signal", *heads)]
    rows += [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    cards.show(Note(("The signals; all but the last row as seen from outside of the storefront:",), table=tuple(rows)))


def _read(run: Run) -> dict[str, str]:
    start, end = trouble(run)
    after = (end + 1.5, run.info.load_s) if end + 2 < run.info.load_s else None
    charged, failed = times_charged(run), [r for r in requests(run, (CHECKOUT,)) if not r.ok]
    own = [s.value for s in run.samples(IN_FLIGHT, "storefront")]
    return {
        "trouble": f"second {start:g} to {end:g}" if start else "none",
        "checkout and search, p50 meanwhile": _time(stats.percentile(times(run, HEALTHY, start, end), 50)),
        f"of these, within {PROMISE_S:g} s": f"{in_time(run, HEALTHY, PROMISE_S, start, end):.0%}",
        f"product pages within {PAGE_S:g} s meanwhile": f"{in_time(run, (PRODUCT,), PAGE_S, start, end):.0%}",
        "pages with recommendations, from 1.5 s after it": f"{share_shown(run, *after):.0%}" if after else "-",
        "calls to recommendations at once, most": f"{most_under_way(run, LINKS['recommendations'])}",
        "orders that failed, of these charged": f"{len(failed)}, {sum(charged[r.request_id] > 0 for r in failed)}",
        "payments at work for nobody": f"{sum(for_nobody(run).values()):.1f} s",
        "requests being served, most (says the storefront)": f"{max(own, default=0):.0f}",
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
    rows: list[tuple[str, ...]] = [("calls to", *(f"wait for the {phase}" for phase in PHASES))]
    for path, name in PATHS.items():
        cells = (f"{now[path, p]:.0f} now, {spent[path, p]:.1f} s so far" for p in PHASES)
        rows.append((name, *(cell if cell != "0 now, 0.0 s so far" else "-" for cell in cells)))
    head = f"Calls of {results.named(run.info.fix)} that wait at second {told[-1].time:.1f}, and seconds waited up to then:"
    cards.show(Note((head,), table=tuple(rows)))


def _by_phase(log: Log, field: str) -> Counter[tuple[str, str]]:
    """One of the counts of a report, by (path, phase). The storefront runs the repair: what it writes is checked."""
    try:
        found = dict(json.loads(log.fields)[field])
    except (ValueError, KeyError, TypeError):
        return Counter()
    return Counter({(path, phase): found.get(f"{path} {phase}", 0) for path in PATHS for phase in PHASES})


def waterfall(learner: Learner, run: Run | None, visit: str | None = None) -> None:
    """All that happened to one request, by default to the first checkout whose customer left without an answer."""
    if run is None:
        results.nothing()
        return
    known = [r.request_id for r in run.requests()]
    if visit is not None and visit not in known:
        raise LearnerError(f"no request {visit!r} in this run; it has visit-0 to visit-{len(known) - 1}")
    left = [r.request_id for r in requests(run, (CHECKOUT,)) if r.status == 0]
    results.draw(charts.waterfall(run, visit or [*left, *known][0]))


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
    cards.show(Note((head,), table=tuple(rows)))


def policies(learner: Learner) -> None:
    """Run what most people try first, and your repair, and see which checks each one passes; one seed."""
    told = "Share of requests or pages as the check wants it; `stops`: seconds of work for nobody; x: short of the goal."
    kit_policies.table(learner, POLICIES, told, 1.5)


def alert(learner: Learner, above: float | None = None, for_s: float = 2.0) -> None:
    """Try an alert rule: it fires when more than `above` calls to any one service are under way, for `for_s` seconds.

    The rule is run against a healthy shop, one in a rush, a repaired one while recommendations hangs, and broken ones.
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
    cases = {
        "healthy": Case(Job(broken, lab.scenario("calm"))),
        "healthy, three times the customers": Case(Job(broken, rush)),
        "repaired, while recommendations hangs": Case(Job(lab.fix(REFERENCE), lab.scenario("hole"))),
        "broken, while recommendations hangs": Case(Job(broken, lab.scenario("hole")), FAULT_AT_S),
        "broken, while recommendations drips": Case(Job(broken, lab.scenario("drip")), FAULT_AT_S),
    }
    told = f"Page when more than {above:g} calls to one service are under way for {for_s:g} s:"
    alerts.try_rule(learner, told, cases, lambda run: fires_at(run, above, for_s), 2.0)


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
    head = f"{plural(len(found), 'finding')} in {results.named(chosen.name)}" + (":" if found else ".")
    cards.show(Note((head,), "warn" if found else "good", listed=found))
