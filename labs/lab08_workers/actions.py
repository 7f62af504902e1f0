"""What lab08 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import os
from collections.abc import Iterator

from labs.kit import (
    REFERENCE,
    Chart,
    Fix,
    Job,
    Learner,
    Note,
    Phase,
    Run,
    Scenario,
    action,
    alerts,
    chart,
    edited,
    names,
    notes,
    results,
    stats,
)  # fmt: skip
from labs.lab08_workers import bench, counting, figures, readings, usl
from labs.lab08_workers.checks import FULL_AT_S, SOON_S
from labs.lab08_workers.scenarios import CAPACITY, DAY_RATE, KILLS_S, PARTNER_S, RENDER_S, RUSH_RATE, SETTINGS

PREDICTED, RUSH_PREDICTED = "knee", "most in a rush"
EACH_S = 2.0
"""Real seconds that one run of the curve takes at most, before any was measured here."""
BUSY = 0.8
"""With one process at less than this share of what a core makes, something else was running."""
SIZES = (1, 2, 4, 8, 16)
CURVE_S, CURVE_FROM_S = 4.0, 1.5
CURVE = Scenario("curve", (Phase(RUSH_RATE, CURVE_S, "constant"),), (), SETTINGS, settle_s=0.5)
RENDERING = "await self.loop.run_in_executor(self.processes, render, order, json.loads(lines))"

SIGNALS = {
    "depth": "orders taken in and not yet delivered",
    "age": "seconds for which the oldest order not yet delivered has waited",
}
OVERLOAD_AT_S = 1.0


@action(most_runs=2)
def shop(learner: Learner, *runs: Run) -> Chart:
    """Request times of each route, and orders taken in and delivered so far; two runs side by side."""
    return figures.shop(runs, [results.title(run) for run in runs])


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals, over the whole run:", runs, _signals_of, [results.title(run) for run in runs])


def _signals_of(run: Run) -> dict[str, str]:
    asked, cheap = readings.orders(run), readings.cheap(run)
    waits = [r.latency for r in cheap if r.latency is not None]
    lag = [s.value for s in run.samples(names.LOOP_LAG, "shop")]
    held = readings.pages_held(run, 0.0, run.info.load_s)
    simulated = run.info.world == "simulated"
    yes = sum(r.ok and (r.latency or 0) <= SOON_S for r in asked) / len(asked)
    return {
        "orders": f"{len(asked)}, {sum(r.ok for r in asked)} answered yes",
        f"orders answered yes within {1000 * SOON_S:.0f} ms": chart.percent(yes),
        f"health and status within {1000 * SOON_S:.0f} ms": chart.percent(readings.soon(cheap, SOON_S)),
        "health and status, p50 of those answered": chart.seconds(stats.percentile(waits, 50)) if waits else "no answer",
        "event-loop lag, longest": chart.seconds(max(lag, default=0.0)),
        "invoices delivered by the end": f"{len(readings.delivered(run))}",
        "calls of the partner under way, mean": f"{readings.in_flight(run, 0.0, run.info.load_s):.1f}",
        "calls of the partner for an invoice": f"{readings.calls_each(run):.2f}",
        "invoices in the making at once, mean": f"{held:.1f}" if simulated else "-",
    }


@action(makes_runs=True)
def calls(learner: Learner) -> Note:
    """Counts, by running render() of the broken code and of your repair here: how often height() is called for an order."""
    columns = {"calls, broken": counting.heights(learner.lab.fix("broken").source)}
    mine = learner.repair()
    if mine is not None and learner.cell.attempted:
        columns["calls, your repair"] = counting.heights(mine.source)
    rows = [("lines of the order", *columns)]
    for at, lines in enumerate(counting.LINES):
        rows.append((str(lines), *(str(found[at]) if found else "no count" for found in columns.values())))
    return Note(("How often render() calls height():",), table=tuple(rows))


@action
def profile(learner: Learner, run: Run) -> Note:
    """Where the loop's thread spent its time, by pyinstrument: the lines of fix.py that led there, and what they called."""
    spent = results.counted(run, "shop", "profile")
    if not spent:
        why = "pyinstrument measures real time, so it needs the live world and its setting."
        return Note((f"No profile of fix.py in this run: {why}",), "warn")
    table = [("seconds", "share of the run", "lines of fix.py, outermost first > what the last one called")]
    table += [(f"{s:.2f}", chart.percent(s / run.info.seconds), where) for where, s in spent.most_common(6)]
    return Note((f"Seconds that the loop's thread was inside fix.py, of {run.info.seconds:g}:",), table=tuple(table))


@action(makes_runs=True)
def curve(learner: Learner) -> Iterator[Chart | Note]:
    """Throughput against workers, simulated on the lab's two cores: processes and threads that compute, tasks that wait."""
    lab = learner.lab
    queue, threads = lab.fix("right_lease").source, lab.fix("wrong_threads").source
    jobs: dict[tuple[str, int], Job] = {}
    for n in SIZES:
        more = {"JOBS = 8  #": f"JOBS = {n + 8}  #"}
        processes = edited(queue, {"RENDERERS = 2": f"RENDERERS = {n}", **more}, "curve, processes")
        threaded = edited(threads, {"RENDERERS = 4": f"RENDERERS = {n}", **more}, "curve, threads")
        tasks = edited(queue, {RENDERING: "order", "JOBS = 8  #": f"JOBS = {n}  #"}, "curve, tasks")
        for kind, source in (("processes", processes), ("threads", threaded), ("tasks", tasks)):
            jobs[kind, n] = Job(Fix(f"{n} {kind}", source), CURVE)
    runs = learner.records("curve", jobs, EACH_S)
    made: dict[str, dict[int, float]] = {}
    for (kind, n), run in runs.items():
        made.setdefault(kind, {})[n] = max(0.1, readings.pace(run, CURVE_FROM_S, CURVE_S))
    predicted = _predicted(learner, PREDICTED)
    computing = [
        figures.Curve("processes", made["processes"], chart.BLUE),
        figures.Curve("threads", made["threads"], chart.VERMILLION, "s"),
    ]
    yield figures.scaling(computing, [figures.Curve("tasks", made["tasks"], chart.GREEN, "^")], predicted)
    yield _fits(made)
    yield from _compared(learner, PREDICTED, "knee of computing in processes", usl.knee(made["processes"]), "processes")


def _predicted(learner: Learner, name: str) -> float | None:
    said = learner.predicted(name)
    return float(said["value"]) if said and isinstance(said["value"], int | float) else None


def _compared(learner: Learner, name: str, what: str, measured: float, unit: str) -> Iterator[Note]:
    """A prediction and what was measured, side by side; nothing without a prediction."""
    predicted = _predicted(learner, name)
    if predicted is not None:
        row = (what, notes.quantity(predicted, unit), notes.quantity(measured, unit))
        yield Note(("You predicted, and it is:",), table=(("", "predicted", "measured"), row))


def _fits(made: dict[str, dict[int, float]]) -> Note:
    """What each number of workers made, and the law that was fitted to it."""
    sizes = sorted(next(iter(made.values())))
    rows = [("", *(f"{n}" for n in sizes), "knee", "contention", "coherence")]
    for name, points in made.items():
        law = usl.fit(points)
        fitted = (str(usl.knee(points)), f"{law.contention:.2f}", f"{law.coherence:.3f}")
        rows.append((name, *(f"{points[n]:.1f}" for n in sizes), *fitted))
    return Note(("A second, by number of workers; the knee is the fewest within a tenth of the best:",), table=tuple(rows))


@action(makes_runs=True)
def live_curve(learner: Learner) -> Iterator[Chart | Note]:
    """The same with pools of your own machine, in real time: what its cores make of 20 ms jobs."""
    if os.environ.get("BREAKFIX_LIVE") == "off":
        yield Note(("Not run: BREAKFIX_LIVE=off, so live runs are left out.",))
        return
    with learner.waiting("live curve", "12 pools of this machine", 15.0):
        points = bench.machine()
    made: dict[str, dict[int, float]] = {}
    for point in points:
        name = f"{point.pool} that {'compute' if point.work == 'compute' else 'wait'}"
        made.setdefault(name, {})[point.size] = max(0.1, point.made)
    yield figures.machine(made, bench.JOB_S)
    alone = made["processes that compute"][1] * bench.JOB_S
    if alone < BUSY:
        told = f"One process made {chart.percent(alone)} of what one core can: the machine was busy. Do not believe these"
        yield Note((f"{told} points; close what else runs, and run this cell again.",), "warn")
    yield _fits(made)


@action
def little(learner: Learner, run: Run) -> Iterator[Note]:
    """Little's law on the wire: calls of the partner counted, and invoices a second times the time of a call."""
    start, end = FULL_AT_S, run.info.load_s
    pace = readings.pace(run, start, end)
    times = [r.done - r.sent for r in run.requests(readings.WORK) if r.ok and r.done is not None]
    each = sum(times) / len(times) if times else PARTNER_S
    counted = {
        "waiting for the partner": (each, readings.in_flight(run, start, end)),
        "computing": (RENDER_S, readings.pages_held(run, start, end)),
    }
    rows = [("", "a second", "s each", "product", "counted")]
    rows += [(what, f"{pace:.1f}", f"{s:.3f}", f"{pace * s:.1f}", f"{n:.1f}") for what, (s, n) in counted.items()]
    told = f"{results.title(run)}, from second {start:g} on; the cores can make {CAPACITY:g} a second:"
    yield Note((told,), table=tuple(rows))
    yield from _compared(learner, RUSH_PREDICTED, "invoices made in a rush", round(pace, 1), "a second")


def _cases(learner: Learner) -> dict[str, alerts.Case]:
    """Two healthy systems, one of them in a short burst, and two in which orders wait in vain."""

    def load(name: str, *phases: Phase) -> Scenario:
        return Scenario(name, phases, (), SETTINGS, settle_s=2.0)

    burst = load("burst", Phase(DAY_RATE, 2.0), Phase(100.0, 1.2), Phase(12.0, 2.8))
    overload = load("overload", Phase(DAY_RATE, OVERLOAD_AT_S), Phase(80.0, 5.0))
    return {
        "healthy, an ordinary day": alerts.Case(learner.job(REFERENCE, "day")),
        "healthy, a short burst": alerts.Case(learner.job(REFERENCE, burst)),
        "an overload that stays": alerts.Case(learner.job(REFERENCE, overload), OVERLOAD_AT_S),
        "jobs of killed workers, locked for ever": alerts.Case(learner.job("wrong_locked_for_ever", "kills"), KILLS_S[0]),
    }


@action
def alert(learner: Learner, signal: str | None = None, above: float | None = None, for_s: float = 1.0) -> None:
    """Try an alert rule: it fires when the signal, "depth" or "age", is above `above` in each of `for_s` seconds."""
    if not alerts.chosen(signal, SIGNALS) or not alerts.written(above, for_s, "a number of at least 0", least=0):
        return
    told = f"Page when {SIGNALS[signal]}: above {above:g}, for {for_s:g} s on end."
    most = ("most that was seen", lambda run: f"{max(backlog(run, signal)):.1f}")
    alerts.try_rule(learner, told, _cases(learner), lambda run: fires_at(run, signal, above, for_s), 2.5, most)


def backlog(run: Run, signal: str) -> list[float]:
    """The depth of the queue, or the age of its oldest order in s, at the end of each second of the run, from outside."""
    delivered = readings.delivered(run)
    taken = [(r.done, delivered.get(r.request_id, run.info.seconds + 1)) for r in readings.orders(run) if r.ok and r.done]
    series = []
    for second in range(1, int(run.info.seconds) + 1):
        waiting = [second - since for since, until in taken if since <= second < until]
        series.append(float(len(waiting)) if signal == "depth" else max(waiting, default=0.0))
    return series


def fires_at(run: Run, signal: str, above: float, for_s: float) -> float | None:
    """The second at which the rule of `alert` fires; None if it never does."""
    return stats.lasts((value > above for value in backlog(run, signal)), for_s)
