"""What lab09 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import itertools
import math
import os
from collections import Counter
from collections.abc import Iterator

from labs.kit import (
    BROKEN,
    REFERENCE,
    YOURS,
    Chart,
    Fix,
    Job,
    Learner,
    Note,
    Phase,
    Run,
    action,
    alerts,
    chart,
    charts,
    edited,
    named,
    names,
    notes,
    results,
    stats,
)  # fmt: skip
from labs.lab09_batches import figures, model, readings, tracing
from labs.lab09_batches.checks import SOON_S
from labs.lab09_batches.scenarios import a_night, rush

PREDICTED = "batch"
EACH_S = 2.0
NIGHT_SIZES, RUSH_SIZES = (1, 4, 16, 64, 256, 1024, 4096), (1, 2, 4, 8, 16, 64)
CURVE_S, RUSH_S = 8.0, 2.5
SCORES_RATE = 225.0
SOUND = "length(payload) = 1920 and substr(payload, 69, 4) != x'0000c07f'"
"""Events that the model does not refuse: so many bytes, and no NaN where data.py puts one."""
BROKEN_AT_S = 1.0
"""Both nights that never end meet their first refused record just before."""
SIGNALS = {"rows": readings.ROWS, "place": readings.PLACE}


@action(most_runs=2)
def night(learner: Learner, *runs: Run) -> Chart:
    """Memory of the pipeline, rows that it has kept, and how far it is; two runs side by side."""
    return figures.night(runs, [results.title(run) for run in runs])


@action(most_runs=2)
def callers(learner: Learner, *runs: Run) -> Chart:
    """How long callers waited for scores and for /health, above the lag of the event loop; two runs side by side."""
    routes = {"POST /score": "score", "GET /health": "health"}
    heads = [results.title(run) for run in runs]
    return charts.loop_lag(runs, routes, host=readings.SCORING, titles=heads, objective=SOON_S)


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    found = [_signals_of(run) for run in runs]
    shown = {name for signals in found for name, value in signals.items() if value != "-"}
    heads = [results.title(run) for run in runs]
    columns = [{name: value for name, value in signals.items() if name in shown} for signals in found]
    return results.side_by_side("The signals, over the whole run:", columns, dict, heads)


def _signals_of(run: Run) -> dict[str, str]:
    asked = readings.scores_asked(run)
    waits = sorted(readings.waited(run, r) for r in asked)
    health = sum(not readings.is_score(r) for r in run.requests())
    gone = len(run.requests()) - health - len(asked)
    refused = sum(r.status == 422 for r in asked)
    has_night = bool(run.events("model")[0].detail)
    calls = {host: _last(run, readings.CALLS, host) for host in (readings.NIGHT, readings.SCORING)}
    each = {host: f"{_last(run, readings.ITEMS, host) / n:.1f}" if n else "-" for host, n in calls.items()}
    return {
        "requests": f"{len(run.requests())}",
        "of these for /health": f"{health}" if health else "-",
        "of these by callers who left at once": f"{gone}" if gone else "-",
        "the others, who asked for a score": f"{len(asked)}",
        "of these answered with a score": f"{sum(r.ok for r in asked)}",
        "of these told that the record is refused": f"{refused}" if refused else "-",
        "wait for a score, p50": chart.seconds(stats.percentile(waits, 50)) if waits else "-",
        "wait for a score, p99": chart.seconds(stats.percentile(waits, 99)) if waits else "-",
        "records in a call of the model, scoring": each[readings.SCORING],
        "records in a call of the model, night": each[readings.NIGHT] if has_night else "-",
        "memory of the pipeline, most": f"{readings.peak_mb(run):.0f} MB" if has_night else "-",
        "times the night began": f"{_began(run)}" if has_night else "-",
        "rows kept at the end": f"{_last(run, readings.ROWS, readings.NIGHT):,.0f}" if has_night else "-",
        "events passed at the end": _passed(run) if has_night else "-",
    }


def _last(run: Run, signal: str, host: str) -> float:
    """The last reading of a signal; of a count that begins anew with each life of a process, that of the last life."""
    found = run.samples(signal, host)
    return found[-1].value if found else 0.0


def _began(run: Run) -> int:
    raised = sum(log.event == readings.RAISED for log in run.logs(readings.NIGHT))
    return 1 + raised + len(run.events(names.OOM_KILL)) + len(_killed(run))


def _killed(run: Run) -> list[float]:
    return [e.time for e in run.events(names.FAULT_ON) if e.detail.startswith("Kill")]


def _passed(run: Run) -> str:
    passed = readings.passed(run, _last(run, readings.PLACE, readings.NIGHT))
    return f"{passed:,} of {readings.events_in(run):,}"


@action
def profile(learner: Learner, run: Run, host: str = readings.SCORING) -> Note:
    """Which lines of the repair called the model, how often, and with how many records."""
    counts = results.counted(run, host, readings.BY_LINE)
    calls = Counter({where: n for where, n in counts.items() if not where.endswith(model.RECORDS)})
    rows = [("calls", "records", "records in a call", "lines of fix.py, outermost first")]
    for where, n in calls.most_common(6):
        records = counts[f"{where}{model.RECORDS}"]
        rows.append((f"{n:,}", f"{records:,}", f"{records / n:.1f}", where))
    return Note((f"Calls of the model in {host}, by the lines of fix.py that they came from:",), table=tuple(rows))


@action(makes_runs=True)
def memory_lines(learner: Learner, fix: str = YOURS) -> Note | None:
    """What each line of run_night holds at the peak, by tracemalloc, in a process of its own on the small file."""
    if os.environ.get("BREAKFIX_LIVE") == "off":
        return Note(("Not measured: BREAKFIX_LIVE=off, and this runs the code in a process of this machine.",))
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    found = tracing.held(chosen.source, learner.workspace.hidden / "profiled" / chosen.sha[:12])
    if not found:
        return Note((f"No line of {named(fix)} was seen to hold anything: did run_night call the model at all?",), "warn")
    rows = [("MB held", "objects", "line")]
    rows += [(f"{mb:.1f}", f"{count:,}", where) for where, mb, count in found]
    return Note((f"At the peak of a night of 8,000 events with {named(fix)}, the lines that hold most:",), table=tuple(rows))


@action(makes_runs=True)
def curve(learner: Learner) -> Iterator[Chart | Note]:
    """The size of a batch against the pace of a night and the wait of a caller: 13 runs of the reference."""
    source = learner.lab.fix(REFERENCE).source
    scene = a_night("curve", "large", CURVE_S, 7)
    crowd = rush().with_(load=(Phase(SCORES_RATE, RUSH_S),), settings={"crowd": ""}, settle_s=0.5)
    jobs: dict[tuple[str, int], Job] = {}
    for n in NIGHT_SIZES:
        changed = {"BATCH = 512": f"BATCH = {n}", "where id > ? order": f"where id > ? and {SOUND} order"}
        jobs["night", n] = Job(Fix(f"{n} a call", edited(source, changed, "curve")), scene)
    for n in RUSH_SIZES:
        jobs["rush", n] = Job(Fix(f"at most {n}", edited(source, {"MOST = 64": f"MOST = {n}"}, "curve")), crowd)
    runs = learner.records("curve", jobs, EACH_S)
    pace = {n: _pace(runs["night", n]) for n in NIGHT_SIZES}
    waits: dict[int, tuple[float, float]] = {}
    for n in RUSH_SIZES:
        times = [readings.waited(runs["rush", n], r) for r in readings.scores_asked(runs["rush", n])]
        waits[n] = stats.percentile(times, 50), stats.percentile(times, 99)
    said = learner.predicted(PREDICTED)
    predicted = float(said["value"]) if said and isinstance(said["value"], int | float) else None
    yield figures.curve(pace, waits, predicted)
    rows = [
        ("events in a call", *(f"{n:,}" for n in NIGHT_SIZES)),
        ("events a second", *(f"{pace[n]:,.0f}" for n in NIGHT_SIZES)),
    ]
    enough = min(n for n in NIGHT_SIZES if pace[n] >= figures.ASKED)
    each_ms, item_ms, fixed_ms = (1000 * s for s in (1 / figures.ASKED, model.ITEM_S, model.FIXED_S))
    told = [f"{figures.ASKED:,.0f} events a second are asked for; of these sizes, {enough} is the smallest that is enough."]
    if predicted is not None:
        told.append(f"You predicted {notes.quantity(predicted, 'events')}.")
    told += [
        f"The model alone says {math.ceil(fixed_ms / (each_ms - item_ms))}: of {each_ms:.3g} ms an event, {item_ms:g} ms are"
        f" its own, the rest its share of {fixed_ms:g} ms.",
        "The dots lie below the dashed line, because a night also starts, reads and commits.",
    ]
    yield Note(tuple(told), table=tuple(rows))


def _pace(run: Run) -> float:
    """Rows a second, from the first reading with rows to the last one that brought more."""
    kept = [(s.time, s.value) for s in run.samples(readings.ROWS, readings.NIGHT)]
    grown = [(at, value) for (at, value), (_, before) in zip(kept[1:], kept, strict=False) if value > before]
    return grown[-1][1] / grown[-1][0] if grown else 0.1


@action
def alert(learner: Learner, signal: str | None = None, for_s: float = 3.0) -> None:
    """Try an alert rule: it fires when "rows" or "place" has not grown for `for_s` s, and the night is not done."""
    if not alerts.chosen(signal, SIGNALS) or not alerts.written(0.0, for_s, "a number of seconds"):
        return
    cases = {
        "healthy, an ordinary night": alerts.Case(learner.job(REFERENCE, "night")),
        "healthy, killed five times": alerts.Case(learner.job(REFERENCE, "kills")),
        "the night begins again and again": alerts.Case(learner.job(BROKEN, "night"), BROKEN_AT_S),
        "a refused record is tried for ever": alerts.Case(learner.job("wrong_retries_for_ever", "night"), BROKEN_AT_S),
    }
    words = {"rows": "the number of rows kept", "place": "the last event that has a row"}
    told = f"Page when {words[signal]} has not grown for {for_s:g} s, and the night is not done."
    alerts.try_rule(learner, told, cases, lambda run: fires_at(run, SIGNALS[signal], for_s), EACH_S)


def fires_at(run: Run, signal: str, for_s: float) -> float | None:
    """The second at which the rule of `alert` fires; None if it never does."""
    run = run.said
    done = min((log.time for log in run.logs(readings.NIGHT) if log.event == readings.DONE), default=run.info.seconds)
    seen = [max((s.value for s in run.samples(signal) if s.time < second), default=0.0) for second in range(int(done) + 1)]
    return stats.lasts((later <= before for before, later in itertools.pairwise(seen)), for_s)
