"""What lab04 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import json
import re
from collections import Counter

from labs.kit import (
    BROKEN,
    REFERENCE,
    Chart,
    Learner,
    LearnerError,
    Note,
    Run,
    Status,
    action,
    alerts,
    charts,
    is_number,
    names,
    results,
    stats,
)
from labs.kit import policies as kit_policies
from labs.lab04_connections import readings, scenarios
from labs.lab04_connections.scenarios import AT_PARTNER, FILES, PLACES, WORKERS

SIGNALS = {"open": names.CONNECTIONS, "idle in transaction": names.IN_TRANSACTION, "refused": names.REFUSED_CONNECTIONS}
"""What an alert may watch."""
EVERY_S = 0.1
"""How often the rule of an alert is looked at."""
RUN_S = 15.0
"""What a live run takes at most, in real seconds, before one was measured here."""


@action(most_runs=3)
def connections(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Chart:
    """Draw one to three runs: orders, sessions at the database server, descriptors of the workers."""
    heads, spans = results.heads(runs, titles), [_spans(run) for run in runs]
    return charts.connections(runs, workers=WORKERS, open_files=FILES, titles=heads, spans=spans)


def _spans(run: Run) -> list[charts.Span]:
    """What was out of order in a run: by its scenario, and the restart by when it really took place."""
    # A server that was started lets sessions in some time later: it says when.
    back = min(readings.back_at(run), run.info.seconds)
    restarts = [charts.Span(w.start, max(w.end, back), "restart") for w in stats.fault_windows(run)]
    planned = {
        "peak": [charts.Span(scenarios.REPORT_AT_S, scenarios.CALM_AT_S, "report")],
        "outages": [
            charts.Span(scenarios.SLOW_AT_S, scenarios.SLOW_UNTIL_S, "partner silent"),
            charts.Span(scenarios.LEAVE_AT_S, scenarios.LEAVE_UNTIL_S, "customers leave"),
        ],
    }
    return planned.get(run.info.scenario, []) + restarts


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals:", runs, _read, results.heads(runs))


def _read(run: Run) -> dict[str, str]:
    count = readings.refusals(run)
    held = [sample.value for worker in WORKERS for sample in run.samples(names.DESCRIPTORS, worker)]
    reading = {
        "sessions at the server, most": f"{readings.peak_connections(run)} of {PLACES}",
        "sessions refused": "not told" if count is None else str(count),
        "first refusal": alerts.fired(readings.first_refusal(run), 1),
        "idle in transaction at the end": str(readings.stuck_transactions(run)),
        "descriptors of a worker, most": f"{max(held, default=0):.0f} of {FILES}",
        "descriptors more at the end than at the start": str(readings.descriptor_growth(run)),
        "requests at the partner at once, most": f"{readings.most_at_partner(run)} of {AT_PARTNER}",
    }
    if run.info.scenario == "peak":
        rush, report, last = readings.PEAK_WINDOW, readings.REPORT_WINDOW, readings.LAST_WINDOW
        reading |= {
            f"orders of the rush served, {_span(rush)}": f"{readings.share_served(run, rush):.0%}",
            f"orders during the report, {_span(report)}": _ended(run, report),
            f"orders after the peak served, {_span(last)}": f"{readings.share_served(run, last):.0%}",
        }
    elif run.info.scenario == "outages":
        served = readings.share_served(run, readings.restart_window(run))
        reading["orders served once the database was back"] = f"{served:.0%}"
        left = readings.share_served(run, readings.LEFT_WINDOW)
        reading["orders served once customers had left"] = f"{left:.0%}"
    return reading | {"send lag, p99": f"{1000 * stats.send_lag(run):.0f} ms"}


def _span(window: readings.Window) -> str:
    return f"second {window[0]:.1f} to {window[1]:.1f}"


def _ended(run: Run, window: readings.Window) -> str:
    """How the orders of a window ended, for those to whom it matters: served, told no, or left."""
    ended = readings.statuses(run, window)
    good, no = ended["200"] + ended["409"], ended["503"]
    return f"{good} answered, {no} told no (503), {sum(ended.values()) - good - no} other"


@action
def sessions(learner: Learner, run: Run) -> Note:
    """What pg_stat_activity said of the workers' sessions, twice a second."""
    rows = []
    for half in range(int(2 * run.info.seconds)):
        at = half / 2
        seen = [_latest(run, signal, at) for signal in (names.CONNECTIONS, names.ACTIVE, names.IDLE, names.IN_TRANSACTION)]
        rows.append((f"{at:.1f}", *("-" if value is None else f"{value:.0f}" for value in seen)))
    head = ("second", "sessions", "active", "idle", "idle in transaction")
    return Note((f"Sessions of the workers at the server, of {PLACES}:",), table=(head, *rows))


def _latest(run: Run, signal: str, at: float) -> float | None:
    before = [s for s in run.samples(signal, "database") if s.time <= at]
    return max(before, key=lambda s: s.time).value if before else None


@action
def logged(learner: Learner, run: Run) -> Note:
    """What database and workers wrote into their logs, counted; what a worker prints is in it, too."""
    kinds: Counter[tuple[str, str]] = Counter()
    for log in run.logs():
        if text := _said(log.event, log.fields, log.error_type):
            kinds["a worker" if log.host in WORKERS else log.host, text] += 1
    rows = [(f"{count:,}", host, text) for (host, text), count in kinds.most_common(10) if host not in ("front", "partner")]
    if not rows:
        return Note(("Neither the database nor a worker logged anything.",))
    return Note(("Log lines, counted:",), table=(("times", "by", "what"), *rows))


def _said(event: str, fields: str, error_type: str) -> str:
    """A log line without what is another in each: names of orders, addresses."""
    if event in ("row", "ready"):
        return ""
    if event == "print":
        event = str(json.loads(fields).get("text", ""))
        if not re.match(r"[Uu]nclosed|socket\.accept|\w*Error: |.*ResourceWarning", event):
            return ""  # the other lines of a traceback
    if event == "order failed":
        try:
            raised = str(json.loads(fields).get("exception", "")).strip().splitlines()[-1]
        except (ValueError, IndexError):
            raised = error_type
        event = f"order failed: {raised.rpartition('.')[2] if ':' not in raised else raised}"
    return re.sub(r"0x[0-9a-f]+|order-\d+|127\.0\.0\.1:\d+|\('127\.0\.0\.1', \d+\)", "...", event)[:140]


@action
def policies(learner: Learner) -> Note | None:
    """Run what most people try first under the peak, live, two at a time, and see which checks each one passes."""
    lab = learner.lab
    assert lab.policies is not None
    graded = [check for check in lab.checks if check.needs == ("peak",)]
    jobs = {title: learner.job(file, "peak") for title, file in lab.policies.rows.items()}
    runs = learner.live_records("policies", jobs, lab.policies.each_s)
    if runs is None:
        return None  # it has been said why
    rows = [(title, *(kit_policies.cell(check, {"peak": run}) for check in graded)) for title, run in runs.items()]
    head = ("policy", *(check.name for check in graded))
    return Note((lab.policies.told,), table=(head, *rows))


@action
def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 1.0) -> Note | None:
    """Try an alert rule: it fires once `signal` has been over `above` for `for_s` seconds without a break.

    The rule is run against the records of a healthy shop and of the broken one, each in both scenarios.

    Args:
        signal: "open" (sessions at the server), "idle in transaction" or "refused".
    """
    if not alerts.chosen(signal, SIGNALS):
        return None
    if above is None:
        alerts.no_rule_yet()
        return None
    if not is_number(above) or not is_number(for_s) or for_s <= 0:
        raise LearnerError(f"the rule is {above!r} for {for_s!r} s; expected two numbers, the second above 0")
    cases = [
        (title, fix, name) for title, fix in (("healthy", REFERENCE), ("leak", BROKEN)) for name in learner.lab.scenarios
    ]
    jobs = {(title, fix, name): learner.job(fix, name) for title, fix, name in cases}
    runs = learner.live_records("alert", jobs, RUN_S)
    if runs is None:
        return None  # it has been said why
    rows = []
    for (title, fix, scenario), run in runs.items():
        if run.status is not Status.PASS:
            rows.append((f"{title}, {scenario}", "-", "-", "-", f"not judged: {run.status}"))
            continue
        at, refused = fires_at(run, SIGNALS[signal], above, for_s), readings.first_refusal(run)
        wanted, good = ("yes", _judged(at, refused)) if fix == BROKEN else ("no", alerts.judged(at, None))
        rows.append((f"{title}, {scenario}", wanted, alerts.fired(at, 1), alerts.fired(refused, 1), good))
    head = ("run", "should it fire?", "it fires at", "first refusal at", "")
    return Note((f"Page when sessions {signal} are over {above:g} for {for_s:g} s:",), table=(head, *rows))


def _judged(at: float | None, refused: float | None) -> str:
    """What to think of a rule on the leak, which is there from the first order on: was somebody paged before it hurt?"""
    if at is None or refused is None:
        return alerts.judged(at, broken_at_s=0.0)
    ahead = refused - at
    return f"{abs(ahead):.1f} s {'before' if ahead >= 0 else 'after'} the first refusal"


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the alert rule of `alert` fires, None if it never does."""
    readings = sorted((s.time, s.value) for s in run.samples(signal, "database"))
    since, now, at = None, 0.0, 0
    for step in range(int(run.info.seconds / EVERY_S) + 1):
        time = step * EVERY_S
        while at < len(readings) and readings[at][0] <= time:
            now = readings[at][1]
            at += 1
        if now <= above:
            since = None
        elif since is None:
            since = time
        if since is not None and time - since >= for_s - 1e-9:
            return time
    return None
