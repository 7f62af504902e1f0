"""What lab07 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

from dataclasses import replace

from labs.kit import (
    BROKEN,
    REFERENCE,
    Chart,
    Fix,
    Job,
    Learner,
    LearnerError,
    Note,
    Phase,
    Run,
    Scenario,
    action,
    alerts,
    chart,
    charts,
    edited,
    named,
    names,
    results,
    sampling,
    stats,
)  # fmt: skip
from labs.kit import policies as kit_policies
from labs.lab07_backpressure import figures, readings
from labs.lab07_backpressure.checks import FULL_AT_S, SETTLED_S
from labs.lab07_backpressure.scenarios import PATIENCE_S, SETTINGS
from labs.lab07_backpressure.service import UTILIZATION

PREDICTED = "goodput at bound 100"
BOUNDS = (2, 10, 25, 45, 55, 100, 1000)
BOUNDED = "wrong_one_queue_for_all"
"""The file in fixes/ whose BOUND `bounds` changes: one queue, put_nowait or refuse, nothing else."""

STEP_S = 0.25
"""How often an alert rule looks."""
SIGNALS = {
    "wait": "seconds that a job stood in the queue, when its work began",
    "depth": "requests inside the API",
    "busy": "share of their time that the renderer's workers work",
}


@action(most_runs=2)
def flow(learner: Learner, *runs: Run) -> Chart:
    """Offered, made and answered in time each second, and queue wait, with capacity and patience; two runs side by side.

    Where there is a noisy client: what it and the shops ask for, and what each of them gets.
    """
    return figures.flow(runs, results.heads(runs))


@action
def signals(learner: Learner, run: Run) -> Note:
    """The signals of a run, in three parts of equal length."""
    third = run.info.load_s / 3
    parts = [(n * third, (n + 1) * third) for n in range(3)]
    heads = [f"{start:.0f} to {end:.0f} s" for start, end in parts]
    told = f"Signals of the run with {named(run.info.fix)}:"
    return results.side_by_side(told, parts, lambda part: _signals_in(run, *part), heads)


def _signals_in(run: Run, start: float, end: float) -> dict[str, str]:
    asked = stats.user_requests(run, start, end)
    times = stats.latencies(run, start, end)
    made = len(readings.renders(run, start, end))
    waits = [wait.seconds for wait in readings.waits(run) if start <= wait.at < end]
    busy = [s.value for s in run.samples(UTILIZATION) if start <= s.time - sampling.SAMPLE_EVERY_S / 2 < end]
    inside = _inside(run, start, end)
    unheard = sum(not readings.told(r) and not readings.failed(r) for r in asked)
    return {
        "requests of the shops": f"{len(asked) / (end - start):.0f} a second",
        "refused": chart.percent(sum(r.status in readings.REFUSED for r in asked) / len(asked)) if asked else "-",
        "error 500": chart.percent(sum(readings.failed(r) for r in asked) / len(asked)) if asked else "-",
        "no answer within 1 s": chart.percent(unheard / len(asked)) if asked else "-",
        "answered in time": f"{readings.in_time(run, start, end):.0f} a second",
        "request time, p50": chart.seconds(stats.percentile(times, 50)) if times else "-",
        "labels made": f"{made / (end - start):.0f} a second",
        "workers' time spent working": chart.percent(sum(busy) / len(busy)) if busy else "-",
        "queue wait, mean": chart.seconds(sum(waits) / len(waits)) if waits else "-",
        "requests inside the API": "-" if inside is None else chart.plural(round(inside), "request"),
    }


def _inside(run: Run, start: float, end: float) -> float | None:
    """Requests inside the API, on average: those whose callers wait, and those whose callers have left."""
    seen = [s.value for s in run.samples(names.ACTIVE_REQUESTS, "api") if start <= s.time < end]
    return sum(seen) / len(seen) if seen else None


@action
def trail(learner: Learner, run: Run, request: str | None = None) -> Chart:
    """What happened to one request, by default the first one whose caller heard neither yes nor no."""
    rows = run.requests()
    known = [r.request_id for r in rows]
    if request is not None and request not in known:
        raise LearnerError(f"no request {request!r} in this run; it has {known[0]} to {known[-1]}")
    silent = [r.request_id for r in rows if not readings.told(r)]
    chosen = request or (silent[len(silent) // 2] if silent else known[-1])
    drawn = charts.waterfall(run, chosen)
    drawn.figure.axes[0].set_title(f"The calls for {chosen}", loc="left", fontsize=12, fontweight="bold")
    return drawn


@action(makes_runs=True)
def bounds(learner: Learner) -> Chart:
    """Goodput against the bound of the queue: one run of the overload for each bound, and your prediction beside them."""
    lab = learner.lab
    bounded = lab.fix(BOUNDED)
    fixes = [Fix(f"bound {n}", edited(bounded.source, {"BOUND = 20": f"BOUND = {n}"}, f"bound {n}")) for n in BOUNDS]
    runs = learner.records("bounds", {fix.name: Job(fix, lab.scenario("overload")) for fix in fixes}, 4.0).values()
    points = [
        figures.Bound(n, readings.in_time(run, FULL_AT_S), stats.percentile(readings.words(run, FULL_AT_S), 95))
        for n, run in zip(BOUNDS, runs, strict=True)
    ]
    said = learner.predicted(PREDICTED)
    predicted = (100, float(said["value"])) if said and isinstance(said["value"], int | float) else None
    return figures.curve(points, predicted)


@action
def little(learner: Learner, *runs: Run) -> Note:
    """Little's law on the wire: callers who wait counted, and arrivals a second times the mean time that they wait."""
    rows = [("run", "arrivals a second", "mean wait", "product", "callers waiting, mean", "requests inside the API, mean")]
    for run in runs:
        start, end = FULL_AT_S, run.info.load_s
        asked = stats.user_requests(run, start, end)
        times = stats.latencies(run, start, end)
        rate, mean = len(asked) / (end - start), sum(times) / len(times)
        counted, inside = stats.mean_in_flight(run, "load->api", start, end), _inside(run, start, end)
        held = "-" if inside is None else f"{inside:.1f}"
        [name] = results.heads([run])
        rows.append((name, f"{rate:.1f}", chart.seconds(mean), f"{rate * mean:.1f}", f"{counted:.1f}", held))
    told = f"From second {FULL_AT_S:g} to the end of the load; callers leave after {PATIENCE_S:g} s:"
    return Note((told,), table=tuple(rows))


@action(makes_runs=True)
def policies(learner: Learner) -> Note:
    """Run the repairs that most people try first, and yours: in the overload, and beside a noisy client."""
    fixes = kit_policies.repairs(learner)
    scenarios = ("overload", "noisy")
    jobs = {(title, name): Job(fix, learner.scenario(name)) for title, fix in fixes.items() for name in scenarios}
    runs = learner.records("policies", jobs, 4.0)
    head = ("repair", "answered in time", "heard yes or no", "95% heard within", "quiet shops served", "workers paid for")
    rows = [(title, *_fate(*(runs[title, name] for name in scenarios))) for title in fixes]
    return Note((kit_policies.told(learner),), table=(head, *rows))


def _fate(overload: Run, noisy: Run) -> tuple[str, ...]:
    if why_not := overload.why_not or noisy.why_not:
        return (why_not, "-", "-", "-", "-")
    asked = stats.user_requests(overload, FULL_AT_S)
    told = sum(readings.told(r) for r in asked) / len(asked)
    word = stats.percentile(readings.words(overload, FULL_AT_S), 95)
    paid = max(readings.rented(run).worker_seconds / run.info.seconds for run in (overload, noisy))
    return (
        f"{readings.in_time(overload, FULL_AT_S):.0f} a second",
        chart.percent(told),
        "not heard" if word >= PATIENCE_S else chart.seconds(word),
        chart.percent(readings.shops(noisy, SETTLED_S).share),
        f"{paid:.1f}",
    )


def _cases(learner: Learner) -> dict[str, alerts.Case]:
    """Three healthy systems, one of them large, and two in which callers wait in vain."""
    broken = learner.job(BROKEN, "overload").fix
    six = replace(broken, source=edited(broken.source, {"CONSUMERS = 2": "CONSUMERS = 6"}, "six workers"))

    def load(name: str, *phases: Phase, workers: int = 2) -> Scenario:
        return Scenario(name, phases, (), {**SETTINGS, "workers": workers}, settle_s=2.0)

    burst = load("burst", Phase(100, 3), Phase(250, 0.5), Phase(100, 2.5), workers=6)
    hung = load("hung", Phase(35, 8), workers=1)
    return {
        "healthy, a normal hour": alerts.Case(learner.job(BROKEN, "calm")),
        "healthy, nearly full": alerts.Case(learner.job(REFERENCE, load("full", Phase(48, 8)))),
        "healthy, six workers, a short burst": alerts.Case(Job(six, burst)),
        "broken, the overload": alerts.Case(learner.job(BROKEN, "overload"), 0.0),
        "one of two workers hangs": alerts.Case(learner.job(BROKEN, hung), 0.0),
    }


@action(makes_runs=True)
def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 0.5) -> Note | None:
    """Try an alert rule: it fires when the signal, "wait", "depth" or "busy", stays above `above` for `for_s` seconds."""
    if not alerts.chosen(signal, SIGNALS) or not alerts.written(above, for_s, "a number of at least 0", STEP_S, least=0):
        return None
    cases = _cases(learner)
    runs = learner.records("alert", {name: case.job for name, case in cases.items()}, 4.0)
    rows = [("run", "should it fire?", "it fires at", "first caller lost at", "")]
    for name, case in cases.items():
        at, lost = fires_at(runs[name], signal, above, for_s), first_lost(runs[name])
        wanted = case.broken_at_s is not None
        rows.append((name, "yes" if wanted else "no", alerts.fired(at, 1), alerts.fired(lost, 1), judged(at, lost, wanted)))
    return Note((f"Page when {SIGNALS[signal]}: above {above:g} for {for_s:g} s.",), table=tuple(rows))


def judged(at: float | None, lost: float | None, wanted: bool) -> str:
    """What a rule that fired at `at`, or never, is worth on a record whose first caller was lost at `lost`."""
    if not wanted:
        return "quiet, as it should be" if at is None else "false alarm"
    if at is None:
        return "missed"
    return "good, before the first" if lost is None or at < lost else f"late by {at - lost:.1f} s"


def first_lost(run: Run) -> float | None:
    """When the patience of the first caller ended who heard neither yes nor no; None if all heard."""
    return min((r.done for r in run.requests() if r.done is not None and not readings.told(r)), default=None)


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the rule of `alert` fires; None if it never does."""
    if signal == "wait":
        series = [(wait.at, wait.seconds) for wait in readings.waits(run)]
    else:
        series = [(s.time, s.value) for s in run.samples({"depth": names.ACTIVE_REQUESTS, "busy": UTILIZATION}[signal])]
    since: float | None = None
    for step in range(1, round(run.info.load_s / STEP_S) + 1):
        end = step * STEP_S
        values = [value for at, value in series if end - STEP_S <= at < end]
        if values and sum(values) / len(values) <= above:
            since = None
        elif values and since is None:
            since = end - STEP_S
        if since is not None and end - since >= for_s:
            return end
    return None
