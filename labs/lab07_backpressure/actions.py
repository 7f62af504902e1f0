"""What lab07 adds to the learner's handle: `lab.flow(run)`, `lab.signals(run)`, `lab.trail(run)`, `lab.bounds()`,
`lab.little(run)`, `lab.policies()` and `lab.alert()`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.kit import charts
from labs.kit.charts.chart import percent, plural, seconds
from labs.kit.judging.evaluate import attempted
from labs.kit.measure import stats
from labs.kit.model.lab import Fix, named
from labs.kit.model.record import Request, Run
from labs.kit.model.verdict import Status
from labs.kit.notebook import notes, results
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab07_backpressure import alerts, checks, figures, readings
from labs.lab07_backpressure.scenarios import PATIENCE_S
from labs.lab07_backpressure.service import SAMPLE_EVERY_S

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

alert = alerts.alert

PREDICTED = "goodput at bound 100"
BOUNDS = (2, 10, 25, 45, 55, 100, 1000)
BOUNDED = "wrong_one_queue_for_all"
"""The file in fixes/ whose BOUND `bounds` changes: one queue, put_nowait or refuse, nothing else."""

POLICIES = {
    "broken: no bound": "broken",
    "await put(), bound 20": "wrong_await_put",
    "60 consumers, bound 20": "wrong_more_consumers",
    "newest first, no bound": "wrong_lifo",
    "rate limit of 30 a second": "wrong_rate_limit",
    "autoscaler, no bound": "wrong_scaling_alone",
    "autoscaler that flaps": "wrong_flapping",
    "bound 20, one queue for all": "wrong_one_queue_for_all",
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/; the learner's repair comes last."""


def flow(learner: Learner, *runs: Run | None) -> None:
    """Offered, made and answered in time each second, and queue wait, with capacity and patience; two runs side by side.

    Where there is a noisy client: what it and the shops ask for, and what each of them gets.
    """
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 2:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one or two")
    results.draw(figures.flow(chosen, [f"{named(r.info.fix)}, {r.info.scenario}" for r in chosen]))


def signals(learner: Learner, run: Run | None) -> None:
    """The signals of a run, in three parts of equal length."""
    for shown in results.took_place(run):
        third = shown.info.load_s / 3
        parts = [(n * third, (n + 1) * third) for n in range(3)]
        readings_of = [_signals_in(shown, start, end) for start, end in parts]
        rows = [("signal", *(f"{start:.0f} to {end:.0f} s" for start, end in parts))]
        rows += [(name, *(reading[name] for reading in readings_of)) for name in readings_of[0]]
        notes.show(Note((f"Signals of the run with {named(shown.info.fix)}:",), table=tuple(rows)))


def _signals_in(run: Run, start: float, end: float) -> dict[str, str]:
    asked = stats.user_requests(run, start, end)
    times = stats.latencies(run, start, end)
    made = len(readings.renders(run, start, end))
    waits = [wait.seconds for wait in readings.waits(run) if start <= wait.at < end]
    busy = [s.value for s in run.samples("renderer.utilization") if start <= s.time - SAMPLE_EVERY_S / 2 < end]
    inside = _inside(run, start, end)
    return {
        "requests of the shops": f"{len(asked) / (end - start):.0f} a second",
        "refused": percent(sum(r.status in readings.REFUSED for r in asked) / len(asked)) if asked else "-",
        "error 500": percent(sum(readings.failed(r) for r in asked) / len(asked)) if asked else "-",
        "no answer within 1 s": percent(sum(_unheard(r) for r in asked) / len(asked)) if asked else "-",
        "answered in time": f"{readings.in_time(run, start, end):.0f} a second",
        "request time, p50": seconds(stats.percentile(times, 50)) if times else "-",
        "labels made": f"{made / (end - start):.0f} a second",
        "workers' time spent working": percent(sum(busy) / len(busy)) if busy else "-",
        "queue wait, mean": seconds(sum(waits) / len(waits)) if waits else "-",
        "requests inside the API": "-" if inside is None else plural(round(inside), "request"),
    }


def _inside(run: Run, start: float, end: float) -> float | None:
    """Requests inside the API, on average: those whose callers wait, and those whose callers have left."""
    seen = [s.value for s in run.samples("http.server.active_requests", "api") if start <= s.time < end]
    return sum(seen) / len(seen) if seen else None


def _unheard(request: Request) -> bool:
    return not readings.told(request) and not readings.failed(request)


def trail(learner: Learner, run: Run | None, request: str | None = None) -> None:
    """What happened to one request, by default the first one whose caller heard neither yes nor no."""
    for shown in results.took_place(run):
        rows = shown.requests()
        known = [r.request_id for r in rows]
        if request is not None and request not in known:
            raise LearnerError(f"no request {request!r} in this run; it has {known[0]} to {known[-1]}")
        silent = [r.request_id for r in rows if not readings.told(r)]
        chosen = request or (silent[len(silent) // 2] if silent else known[-1])
        drawn = charts.waterfall(shown, chosen)
        drawn.figure.axes[0].set_title(f"The calls for {chosen}", loc="left", fontsize=12, fontweight="bold")
        results.draw(drawn)


def bounds(learner: Learner) -> None:
    """Goodput against the bound of the queue: one run of the overload for each bound, and your prediction beside them."""
    if validating():
        return
    lab = learner.lab
    bounded = lab.fix(BOUNDED)
    fixes = [Fix(f"bound {n}", bounded.source.replace("BOUND = 20", f"BOUND = {n}")) for n in BOUNDS]
    runs = learner.records("bounds", {fix.name: Job(fix, lab.scenario("overload")) for fix in fixes}, 4.0).values()
    start = checks.FULL_AT_S
    points = [
        figures.Bound(n, readings.in_time(run, start), stats.percentile(readings.words(run, start), 95))
        for n, run in zip(BOUNDS, runs, strict=True)
    ]
    said = [p["value"] for p in learner.state().predictions if p["name"] == PREDICTED]
    predicted = (100, float(said[-1])) if said and isinstance(said[-1], int | float) else None
    results.draw(figures.curve(points, predicted))


def little(learner: Learner, *runs: Run | None) -> None:
    """Little's law on the wire: callers who wait counted, and arrivals a second times the mean time that they wait."""
    rows = [("run", "arrivals a second", "mean wait", "product", "callers waiting, mean", "requests inside the API, mean")]
    for run in results.took_place(*runs):
        start, end = checks.FULL_AT_S, run.info.load_s
        asked = stats.user_requests(run, start, end)
        times = stats.latencies(run, start, end)
        rate, mean = len(asked) / (end - start), sum(times) / len(times)
        name = f"{named(run.info.fix)}, {run.info.scenario}"
        counted = stats.mean_in_flight(run, "load->api", start, end)
        inside = _inside(run, start, end)
        held = "-" if inside is None else f"{inside:.1f}"
        rows.append((name, f"{rate:.1f}", seconds(mean), f"{rate * mean:.1f}", f"{counted:.1f}", held))
    if len(rows) > 1:
        told = f"From second {checks.FULL_AT_S:g} to the end of the load; callers leave after {PATIENCE_S:g} s:"
        notes.show(Note((told,), table=tuple(rows)))


def policies(learner: Learner) -> None:
    """Run the repairs that most people try first, and yours: in the overload, and beside a noisy client."""
    if validating():
        return
    lab = learner.lab
    fixes = {name: shipped(lab, file) for name, file in POLICIES.items()}
    mine = learner.repair()
    if mine is not None and attempted(lab, mine.source):
        fixes["your repair"] = mine
    names = ("overload", "noisy")
    jobs = {(title, name): Job(fix, lab.scenario(name)) for title, fix in fixes.items() for name in names}
    runs = learner.records("policies", jobs, 4.0)
    rows: list[tuple[str, ...]] = [
        ("repair", "answered in time", "heard yes or no", "95% heard within", "quiet shops served", "workers paid for")
    ]
    for title in fixes:
        rows.append((title, *_fate(*(runs[title, name] for name in names))))
    told = (
        f"The first three columns are of the overload from second {checks.FULL_AT_S:g} on, the fourth is beside the noisy"
        " client; workers paid for is the average of the costlier of the two.",
    )
    notes.show(Note(told, table=tuple(rows)))


def _fate(overload: Run, noisy: Run) -> tuple[str, ...]:
    broken_off = next((run for run in (overload, noisy) if run.status is not Status.PASS), None)
    if broken_off is not None:
        return (f"ended early: {broken_off.info.status}", "-", "-", "-", "-")
    asked = stats.user_requests(overload, checks.FULL_AT_S)
    told = sum(readings.told(r) for r in asked) / len(asked)
    word = stats.percentile(readings.words(overload, checks.FULL_AT_S), 95)
    paid = max(readings.rented(run).worker_seconds / run.info.seconds for run in (overload, noisy))
    return (
        f"{readings.in_time(overload, checks.FULL_AT_S):.0f} a second",
        percent(told),
        "not heard" if word >= PATIENCE_S else seconds(word),
        percent(readings.shops(noisy, checks.SETTLED_S).share),
        f"{paid:.1f}",
    )
