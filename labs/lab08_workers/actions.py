"""What lab08 adds to the learner's handle: `lab.shop(run)`, `lab.signals(run)`, `lab.profile(run)`, `lab.calls()`,
`lab.curve()`, `lab.live_curve()`, `lab.little(run)`, `lab.policies()` and `lab.alert()`."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from labs.kit.charts.chart import BLUE, GREEN, VERMILLION, percent, seconds
from labs.kit.measure import stats
from labs.kit.model.lab import Fix, Scenario, named
from labs.kit.model.load import Phase
from labs.kit.model.names import LOOP_LAG
from labs.kit.model.record import Run
from labs.kit.notebook import notes, results
from labs.kit.notebook import policies as kit_policies
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.worlds.parallel import Job
from labs.lab08_workers import alerts, bench, figures, readings, usl
from labs.lab08_workers.checks import FULL_AT_S, SOON_S
from labs.lab08_workers.scenarios import CAPACITY, PARTNER_S, RENDER_S, RUSH_RATE, SETTINGS

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

alert = alerts.alert

PREDICTED, RUSH_PREDICTED = "knee", "most in a rush"
EACH_S = 2.0
BUSY = 0.8
"""With one process at less than this share of what a core makes, something else was running."""
"""Real seconds that one run of this lab takes at most, before any was measured here."""
SIZES = (1, 2, 4, 8, 16)
CURVE_S, CURVE_FROM_S = 4.0, 1.5
CURVE = Scenario("curve", (Phase(RUSH_RATE, CURVE_S, "constant"),), (), SETTINGS, settle_s=0.5)
RENDERING = "await self.loop.run_in_executor(self.processes, render, order, json.loads(lines))"

POLICIES = {
    "broken": "broken",
    "2 processes, awaited in the request": "wrong_pool_in_the_request",
    "2 processes, create_task, no queue": "wrong_create_task",
    "queue, hot spot left in": "wrong_hot_spot_left",
    "queue, 4 threads": "wrong_threads",
    "queue, os.cpu_count() processes": "wrong_cpu_count",
    "queue, a claim without an end": "wrong_locked_for_ever",
    "queue, stop() works it off": "wrong_drains_the_queue",
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/; the learner's repair comes last."""


def shop(learner: Learner, *runs: Run | None) -> None:
    """Request times of each route, and orders taken in and delivered so far; two runs side by side."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 2:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one or two")
    results.draw(figures.shop(chosen, [_title(run) for run in chosen]))


def _title(run: Run) -> str:
    return f"{named(run.info.fix)}, {run.info.scenario}" + ", live" * (run.info.world == "live")


def signals(learner: Learner, *runs: Run | None) -> None:
    """The signals of some runs, side by side."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    found = {_title(run): _signals_of(run) for run in chosen}
    rows = [("signal", *found)]
    rows += [(name, *(each[name] for each in found.values())) for name in next(iter(found.values()))]
    notes.show(Note(("The signals, over the whole run:",), table=tuple(rows)))


def _signals_of(run: Run) -> dict[str, str]:
    asked, cheap = readings.orders(run), readings.cheap(run)
    waits = [r.latency for r in cheap if r.latency is not None]
    delivered = len({arrival.order for arrival in readings.arrivals(run)})
    lag = [s.value for s in run.samples(LOOP_LAG, "shop")]
    held = readings.pages_held(run, 0.0, run.info.load_s)
    simulated = run.info.world == "simulated"
    return {
        "orders": f"{len(asked)}, {sum(r.ok for r in asked)} answered yes",
        f"orders answered yes within {1000 * SOON_S:.0f} ms": percent(
            sum(r.ok and (r.latency or 0) <= SOON_S for r in asked) / len(asked)
        ),
        f"health and status within {1000 * SOON_S:.0f} ms": percent(readings.soon(cheap, SOON_S)),
        "health and status, p50 of those answered": seconds(stats.percentile(waits, 50)) if waits else "no answer",
        "event-loop lag, longest": seconds(max(lag, default=0.0)),
        "invoices delivered by the end": f"{delivered}",
        "calls of the partner under way, mean": f"{readings.in_flight(run, 0.0, run.info.load_s):.1f}",
        "calls of the partner for an invoice": f"{readings.calls_each(run):.2f}",
        "invoices in the making at once, mean": f"{held:.1f}" if simulated else "-",
    }


def calls(learner: Learner) -> None:
    """Counts, by running render() of the broken code and of your repair here: how often height() is called for an order."""
    from labs.lab08_workers import counting

    if validating():
        return
    columns = {"calls, broken": counting.heights(learner.lab.fix("broken").source)}
    mine = learner.repair()
    if mine is not None and learner.cell.attempted:
        columns["calls, your repair"] = counting.heights(mine.source)
    rows = [("lines of the order", *columns)]
    for at, lines in enumerate(counting.LINES):
        rows.append((str(lines), *(str(found[at]) if found else "no count" for found in columns.values())))
    notes.show(Note(("How often render() calls height():",), table=tuple(rows)))


def profile(learner: Learner, run: Run | None) -> None:
    """Where the loop's thread spent its time, by pyinstrument: the lines of fix.py that led there, and what they called."""
    if run is None:
        results.nothing()
        return
    spent: Counter[str] = Counter()
    for log in run.logs("shop"):
        if log.event == "profile":
            spent.update(json.loads(log.fields))
    if not spent:
        why = (
            "No profile of fix.py in this run: pyinstrument measures real time, so it needs the live world and its setting."
        )
        notes.show(Note((why,), "warn"))
        return
    table = [("seconds", "share of the run", "lines of fix.py, outermost first > what the last one called")]
    table += [(f"{s:.2f}", percent(s / run.info.seconds), where) for where, s in spent.most_common(6)]
    notes.show(Note((f"Seconds that the loop's thread was inside fix.py, of {run.info.seconds:g}:",), table=tuple(table)))


def curve(learner: Learner) -> None:
    """Throughput against workers, simulated on the lab's two cores: processes and threads that compute, tasks that wait."""
    if validating():
        return
    lab = learner.lab
    queue, threads = lab.fix("right_lease").source, lab.fix("wrong_threads").source
    jobs: dict[tuple[str, int], Job] = {}
    for n in SIZES:
        more = f"JOBS = {n + 8}  #"
        processes = queue.replace("RENDERERS = 2", f"RENDERERS = {n}").replace("JOBS = 8  #", more)
        threaded = threads.replace("RENDERERS = 4", f"RENDERERS = {n}").replace("JOBS = 8  #", more)
        tasks = queue.replace(RENDERING, "order").replace("JOBS = 8  #", f"JOBS = {n}  #")
        for kind, source in (("processes", processes), ("threads", threaded), ("tasks", tasks)):
            jobs[kind, n] = Job(Fix(f"{n} {kind}", source), CURVE)
    runs = learner.records("curve", jobs, EACH_S)
    made = {
        kind: {n: max(0.1, readings.pace(runs[kind, n], CURVE_FROM_S, CURVE_S)) for n in SIZES}
        for kind in ("processes", "threads", "tasks")
    }
    predicted = _predicted(learner, PREDICTED)
    computing = [
        figures.Curve("processes", made["processes"], BLUE),
        figures.Curve("threads", made["threads"], VERMILLION, "s"),
    ]
    results.draw(figures.scaling(computing, [figures.Curve("tasks", made["tasks"], GREEN, "^")], predicted))
    _tell_fits(made)
    _compare(learner, PREDICTED, "knee of computing in processes", usl.knee(made["processes"]), "processes")


def _predicted(learner: Learner, name: str) -> float | None:
    said = [p["value"] for p in learner.state().predictions if p["name"] == name]
    return float(said[-1]) if said and isinstance(said[-1], int | float) else None


def _compare(learner: Learner, name: str, what: str, measured: float, unit: str) -> None:
    """A prediction and what was measured, side by side; nothing without a prediction."""
    predicted = _predicted(learner, name)
    if predicted is not None:
        row = (what, notes.quantity(predicted, unit), notes.quantity(measured, unit))
        notes.show(Note(("You predicted, and it is:",), table=(("", "predicted", "measured"), row)))


def _tell_fits(made: dict[str, dict[int, float]]) -> None:
    sizes = sorted(next(iter(made.values())))
    rows = [("", *(f"{n}" for n in sizes), "knee", "contention", "coherence")]
    for name, points in made.items():
        law = usl.fit(points)
        fitted = (str(usl.knee(points)), f"{law.contention:.2f}", f"{law.coherence:.3f}")
        rows.append((name, *(f"{points[n]:.1f}" for n in sizes), *fitted))
    notes.show(
        Note(("A second, by number of workers; the knee is the fewest within a tenth of the best:",), table=tuple(rows))
    )


def live_curve(learner: Learner) -> None:
    """The same with pools of your own machine, in real time: what its cores make of 20 ms jobs."""
    if validating():
        return
    if os.environ.get("BREAKFIX_LIVE") == "off":
        notes.show(Note(("Not run: BREAKFIX_LIVE=off, so live runs are left out.",)))
        return
    with learner.waiting("live curve", "12 pools of this machine", 15.0):
        points = bench.machine()
    made: dict[str, dict[int, float]] = {}
    for point in points:
        name = f"{point.pool} that {'compute' if point.work == 'compute' else 'wait'}"
        made.setdefault(name, {})[point.size] = max(0.1, point.made)
    results.draw(figures.machine(made, bench.JOB_S))
    alone = made["processes that compute"][1] * bench.JOB_S
    if alone < BUSY:
        told = f"One process made {percent(alone)} of what one core can: the machine was busy. Do not believe these points;"
        notes.show(Note((f"{told} close what else runs, and run this cell again.",), "warn"))
    _tell_fits(made)


def little(learner: Learner, run: Run | None) -> None:
    """Little's law on the wire: calls of the partner counted, and invoices a second times the time of a call."""
    for shown in results.took_place(run):
        start, end = FULL_AT_S, shown.info.load_s
        pace = readings.pace(shown, start, end)
        counted = readings.in_flight(shown, start, end)
        times = [r.done - r.sent for r in shown.requests(readings.WORK) if r.ok and r.done is not None]
        each = sum(times) / len(times) if times else PARTNER_S
        rows = (
            ("", "a second", "s each", "product", "counted"),
            ("waiting for the partner", f"{pace:.1f}", f"{each:.3f}", f"{pace * each:.1f}", f"{counted:.1f}"),
            (
                "computing", f"{pace:.1f}", f"{RENDER_S:.3f}", f"{pace * RENDER_S:.1f}",
                f"{readings.pages_held(shown, start, end):.1f}",
            ),
        )  # fmt: skip
        told = f"{_title(shown)}, from second {start:g} on; the cores can make {CAPACITY:g} a second:"
        notes.show(Note((told,), table=rows))
        _compare(learner, RUSH_PREDICTED, "invoices made in a rush", round(pace, 1), "a second")


def policies(learner: Learner) -> None:
    """Run what most people try first, and yours, and see which checks each one passes; one seed."""
    told = "What each check measured; x: short of its goal. Shares for routes, accepts and knee; seconds for less_work;"
    kit_policies.table(learner, POLICIES, f"{told} orders for kept and stops.", EACH_S)
