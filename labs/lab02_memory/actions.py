"""What lab02 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import os
from collections.abc import Generator
from dataclasses import replace
from pathlib import Path
from types import ModuleType

from labs.kit import (
    BROKEN,
    YOURS,
    Chart,
    Job,
    Learner,
    LearnerError,
    Note,
    Phase,
    Run,
    action,
    alerts,
    charts,
    is_number,
    named,
    names,
    notes,
    results,
    run_all,
    stats,
)  # fmt: skip
from labs.lab02_memory import driver, profiling, readings
from labs.lab02_memory.readings import HOST, LINK, WARM_S, crossed_at, growth_mb_s, peak, readings_of
from labs.lab02_memory.scenarios import HOUR_S, LIMIT_MB, MB, ROOM_MB, SCENARIOS, WATCHED
from labs.lab02_memory.service import DISK

LONGEST_WINDOW_S = 14.0
"""The load of the shortest run on which an alert rule is tried."""
LIMITS_MB = {"live": LIMIT_MB, "simulated": ROOM_MB}
DISK_MB, LOG_MB = 1.0, 2.0
"""What the store's disk and the log's partition have room for, in the soak."""
DAY_WALL_S = 60.0
"""What a simulated day takes at most, in real seconds, before one was measured here."""
LOG_LINE = 80
"""Bytes of a log line beside its own fields: time, host, level, event."""


@action(most_runs=3)
def memory(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Chart:
    """Draw one to three runs: memory with its limit, kills and restarts, and the share of visits answered."""
    return charts.memory(runs, host=HOST, limits_mb=LIMITS_MB, titles=results.heads(runs, titles))


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals, over the whole load:", runs, _read)


def _read(run: Run) -> dict[str, str]:
    times = stats.latencies(run)
    held = readings_of(run)
    simulated = run.info.world == "simulated"
    crossed = crossed_at(run, LIMITS_MB[run.info.world] * MB)
    most = peak(run) if simulated else max((value for _, value in held), default=0.0)
    warm = WARM_S.get(run.info.scenario, 0.0)
    hits = f"{readings.hit_rate(run, warm):.0%}" if readings.popular_visits(run, warm) else "-"
    return {
        "request time, p50": f"{1000 * stats.percentile(times, 50):,.0f} ms",
        "request time, p99": f"{1000 * stats.percentile(times, 99):,.0f} ms",
        "visits without a good answer": f"{sum(not r.ok for r in stats.user_requests(run))} of {len(run.requests())}",
        "memory at the end": f"{held[-1][1] / MB:,.0f} MB" if held else "-",
        "memory, most": f"{most / MB:,.0f} MB",
        "memory growth, in the second half": f"{growth_mb_s(run) + 0.0:.2f} MB a second" if simulated and held else "-",
        "over its limit at": "never" if crossed is None else f"second {crossed:.0f}",
        "kills and restarts": f"{len(run.events(names.OOM_KILL))} and {len(run.events(names.RESTART))}",
        "requests at the store": f"{len(run.requests(LINK))}",
        "popular visits that needed no store, once warm": hits,
    }


@action
def module(learner: Learner, fix: str = YOURS) -> ModuleType | None:
    """The code under repair as a module of this notebook, from a file that profilers can read. None if it cannot run."""
    path = _written(learner, fix)
    return None if path is None else driver.load(path)


def _written(learner: Learner, fix: str) -> Path | None:
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    path = learner.workspace.hidden / "profiled" / chosen.sha[:12] / "fix.py"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(chosen.source, encoding="utf-8")
    return path


@action
def drive(learner: Learner, module: ModuleType | None, visits: int = 40) -> None:
    """Ask the module's `Reports` for some reports, over real HTTP to the lab's store, here in this process."""
    if module is None:
        results.nothing()
    else:
        driver.drive(module, visits)


@action(makes_runs=True)
def snapshots(learner: Learner, fix: str = YOURS) -> Note | None:
    """What some visits left behind, line by line: two snapshots of tracemalloc compared; and what tracing costs."""
    if not _live() or (made := module(learner, fix)) is None:
        return None
    table = [("line", "MB left behind", "objects")]
    table += [(where, f"{size / MB:.2f}", str(count)) for where, size, count in profiling.difference(made)]
    head = f"tracemalloc, the second snapshot compared with the first, {profiling.VISITS} visits and two parts in between:"
    slower = f"While it keeps account, visits take {profiling.slow_down(made):.1f} times as long."
    return Note((head, slower), table=tuple(table))


@action(makes_runs=True)
def lines(learner: Learner, fix: str = YOURS) -> None:
    """memory-profiler's table of `Reports.report`, line by line, in a new process."""
    if _live() and (path := _written(learner, fix)) is not None:
        print(f"{named(fix)}:\n{profiling.line_by_line(path)}")


@action(makes_runs=True)
def flame(learner: Learner, fix: str = YOURS) -> Chart | Note | None:
    """A flame graph of what some visits left behind, by memray."""
    if not _live() or (made := module(learner, fix)) is None:
        return None
    try:
        stacks = profiling.held_by_stack(made)
    except RuntimeError as error:
        return Note((str(error),), "warn")
    title = f"still held after {profiling.VISITS} visits and two parts"
    return charts.flame(stacks, title=title, mark="fix.py", begin="_drive ")


@action(makes_runs=True)
def given_back(learner: Learner) -> Note | None:
    """Free many small objects and a few large ones, in a process of their own, and see what the system gets back."""
    if not _live():
        return None
    rows = [("one in 200 is kept", "before", "with all of them", "after they were freed")]
    rows += [(what, f"{a:,.0f} MB", f"{b:,.0f} MB", f"{c:,.0f} MB") for what, a, b, c in profiling.given_back()]
    return Note(("Resident memory of a process, as the system sees it:",), table=tuple(rows))


def _live() -> bool:
    if os.environ.get("BREAKFIX_LIVE") == "off":
        notes.show(Note(("Not measured: BREAKFIX_LIVE=off, and this measures the real machine.",)))
        return False
    return True


@action(makes_runs=True)
def soak(learner: Learner, fix: str = YOURS, hours: float = 24.0) -> Generator[Chart | Note, None, Run | None]:
    """The first `hours` of a simulated day, one visit in 20 s: memory, log and disk, each with its limit."""
    if not is_number(hours) or not 0.5 <= hours <= 24:
        raise LearnerError(f"{hours!r} hours cannot be soaked; expected a number from 0.5 to 24")
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    scenario = SCENARIOS["soak"]
    if hours < 24:
        scenario = replace(scenario, load=(Phase(scenario.load[0].rate, hours * HOUR_S),))
    label = f"Soaking {named(chosen.name)}, {hours:g} simulated hours"
    with learner.waiting(f"soak {hours:g} {chosen.name}", label, DAY_WALL_S * hours / 24) as bar:
        (run,) = run_all(learner.lab, [Job(chosen, scenario)], bar.update)
    if run.why_not:
        yield Note((f"The day {'' if run.ended_early else 'is '}{run.why_not}. {run.info.detail}",), "bad")
        return run
    title = f"a simulated day, {named(run.info.fix)}" if hours == 24 else f"the first {hours:g} hours"
    yield charts.growth(_grown(run), title=title, seconds=24 * HOUR_S)
    if hours == 24:
        yield _hour_of_crash(learner, run)
    return run


def _hour_of_crash(learner: Learner, run: Run) -> Note:
    said = learner.predicted("hour of the crash")
    crossed = crossed_at(run, ROOM_MB * MB)
    seen = "never full in this day" if crossed is None else f"full after {crossed / HOUR_S:.1f} hours"
    yours = f" You predicted {results.said(said)}." if said and run.info.fix == BROKEN else ""
    return Note((f"The room of {ROOM_MB:g} MB is {seen}.{yours}",))


def _grown(run: Run) -> list[charts.Series]:
    held = [(at, value / MB) for at, value in readings_of(run)]
    logged, total = [(0.0, 0.0)], 0
    for log in run.logs(HOST):
        total += len(log.fields) + len(log.request_id) + LOG_LINE
        logged.append((log.time, total / MB))
    disk = [(sample.time, sample.value / MB) for sample in run.samples(DISK, "store")]
    return [
        charts.Series("memory", held, ROOM_MB),
        charts.Series("log of the service", logged, LOG_MB),
        charts.Series("disk of the store", disk, DISK_MB),
    ]


@action
def left_by(learner: Learner, run: Run, visit: str | None = None) -> Note:
    """What a visit left behind: memory before and after it, what it was answered, and what the store was asked meanwhile."""
    if visit is None:
        return Note(('Give the id of a visit, as lab.requests() lists them: lab.left_by(run, "visit-...").',))
    asked = readings.visit_by(run, visit)
    if asked is None or asked.done is None:
        raise LearnerError(f"no visit {visit!r} that was answered in this run; lab.requests(run) lists them")
    before, after = readings.around(run, asked)
    rows = [("second", "what", "")]
    rows.append((f"{before[0]:.2f}", "memory, the last reading before", f"{before[1] / MB:.2f} MB"))
    rows.append((f"{asked.sent:.2f}", f"{visit} comes", asked.endpoint))
    rows += [(f"{r.sent:.2f}", "the store is asked", r.endpoint) for r in readings.at_the_store(run, asked)]
    for log, fields in stats.logged(run, "store", "sent"):
        if asked.sent <= log.time <= asked.done:
            rows.append((f"{log.time:.2f}", "the store has sent", f"{(fields['stop'] - fields['start']) / MB:.2f} MB"))
    answers = [(log, int(fields["bytes"])) for log, fields in stats.logged(run, HOST, "answered")]
    others = 0
    for log, size in answers:
        if log.request_id == visit:
            rows.append((f"{asked.done:.2f}", "it is answered", f"{size / MB:.2f} MB"))
        else:
            others += before[0] < log.time < after[0]
    rows.append((f"{after[0]:.2f}", "memory, the first reading after", f"{after[1] / MB:.2f} MB"))
    told = f"Between the two readings, {others or 'no'} other answer{'s' * (others != 1)} went out."
    return Note((f"What {visit} left behind:", told), table=tuple(rows))


def _full(run: Run) -> str:
    """When the room was full, or that it was not in this run."""
    at = readings.full_after_s(run)
    return f"not by second {run.info.seconds:.0f}" if at is None else f"second {at:.1f}"


@action
def alert(learner: Learner, signal: str | None = None, bound: float | None = None, for_s: float = 5.0) -> None:
    """Try an alert rule on four runs of the code that failed.

    Args:
        signal: "memory", more than `bound` MB for `for_s` seconds; "growth", more than `bound` MB a minute over the last
            `for_s` seconds; "full_in", the room would be full in less than `bound` seconds, if memory went on as in the last
            `for_s` seconds; "restarts", at least `bound` of them.
    """
    if not alerts.chosen(signal, readings.SIGNALS) or not alerts.written(bound, for_s, "a number"):
        return None
    if for_s > LONGEST_WINDOW_S:
        shortest = f"the shortest of these runs lasts {LONGEST_WINDOW_S:g} s"
        raise LearnerError(f"the window is {for_s:g} s; {shortest}, so choose less")
    told = f"Page by {signal}, {readings.SIGNALS[signal].format(bound=bound, for_s=for_s)}:"
    alerts.try_rule(
        learner, told, alerts.cases(learner, WATCHED), lambda run: readings.fires_at(run, signal, bound, for_s), 3.0,
        beside=("room full at", _full),
    )  # fmt: skip
    return None
