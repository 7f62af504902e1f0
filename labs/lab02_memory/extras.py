"""What lab02 adds to the learner's handle: `lab.memory(run, ...)`, `lab.signals(run, ...)`, `lab.module()`,
`lab.drive(module)`, `lab.lines()`, `lab.snapshots()`, `lab.flame()`, `lab.given_back()`, `lab.soak()`, `lab.policies()`,
`lab.alert()`."""

from __future__ import annotations

import os
from dataclasses import replace
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

from labs.kit import charts
from labs.kit.measure import stats
from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, REFERENCE, YOURS, named
from labs.kit.model.load import Phase
from labs.kit.model.record import Run
from labs.kit.notebook import alerts, notes, results
from labs.kit.notebook import policies as kit_policies
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds import run as experiment
from labs.kit.worlds.parallel import Job
from labs.lab02_memory import driver, profiling
from labs.lab02_memory.readings import (
    HOST,
    LINK,
    WARM_S,
    crossed_at,
    growth_mb_s,
    hit_rate,
    peak,
    popular_visits,
    readings_of,
)
from labs.lab02_memory.scenarios import HOUR_S, LIMIT_MB, MB, ROOM_MB, SCENARIOS
from labs.lab02_memory.service import DISK
from labs.lab02_memory.slopes import fires_at, steepest

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

LONGEST_WINDOW_S = 24.0
"""The load of the shortest run on which an alert rule is tried."""
LIMITS_MB = {"live": LIMIT_MB, "simulated": ROOM_MB}
DISK_MB, LOG_MB = 1.0, 2.0
"""What the store's disk and the log's partition have room for, in the soak."""
DAY_WALL_S = 60.0
"""What a simulated day takes at most, in real seconds, before one was measured here."""
LOG_LINE = 80
"""Bytes of a log line beside its own fields: time, host, level, event."""

POLICIES = {
    "broken": BROKEN,
    "gc.collect() after each answer": "wrong_gc_collect",
    "a bound for the cache alone": "wrong_cache_only",
    "a cache of 1,000 reports": "wrong_lru_1000",
    "a cache of 120 reports": "wrong_lru_120",
    "lru_cache on a method": "wrong_lru_on_method",
    "reports live for 60 s": "wrong_ttl_only",
    "clear the cache when it is full": "wrong_clear_all",
    "no cache": "wrong_no_cache",
    "restart after 200 answers": "wrong_restart",
    "a bound in bytes, names, ranges": REFERENCE,
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/."""


def memory(learner: Learner, *runs: Run | None, titles: tuple[str, ...] = ()) -> None:
    """Draw one to three runs: memory with its limit, kills and restarts, and the share of visits answered."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if len(chosen) > 3:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one to three")
    heads = titles if len(titles) == len(chosen) else [f"{named(r.info.fix)}, {r.info.scenario}" for r in chosen]
    results.draw(charts.memory(chosen, host=HOST, limits_mb=LIMITS_MB, titles=heads))


def signals(learner: Learner, *runs: Run | None) -> None:
    """The signals of some runs, side by side."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    readings = [_read(run) for run in chosen]
    names = [f"{named(r.info.fix)}, {r.info.scenario}, {r.info.world}" for r in chosen]
    rows = [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    notes.show(Note(("The signals, over the whole load:",), table=(("signal", *names), *rows)))


def _read(run: Run) -> dict[str, str]:
    times = stats.latencies(run)
    held = readings_of(run)
    simulated = run.info.world == "simulated"
    crossed = crossed_at(run, LIMITS_MB[run.info.world] * MB)
    most = peak(run) if simulated else max((value for _, value in held), default=0.0)
    return {
        "request time, p50": f"{1000 * stats.percentile(times, 50):,.0f} ms",
        "request time, p99": f"{1000 * stats.percentile(times, 99):,.0f} ms",
        "visits without a good answer": f"{sum(not r.ok for r in stats.user_requests(run))} of {len(run.requests())}",
        "memory at the end": f"{held[-1][1] / MB:,.0f} MB" if held else "-",
        "memory, most": f"{most / MB:,.0f} MB",
        "memory growth, in the second half": f"{growth_mb_s(run) + 0.0:.2f} MB a second" if simulated and held else "-",
        "over its limit at": "never" if crossed is None else f"second {crossed:.0f}",
        "kills and restarts": f"{len(run.events('oom kill'))} and {len(run.events('restart'))}",
        "requests at the store": f"{len(run.requests(LINK))}",
        "popular visits that needed no store, once warm": _hits(run),
    }


def _hits(run: Run) -> str:
    warm = WARM_S.get(run.info.scenario, 0.0)
    return f"{hit_rate(run, warm):.0%}" if popular_visits(run, warm) else "-"


def module(learner: Learner, fix: str = YOURS) -> ModuleType | None:
    """The code under repair as a module of this notebook, from a file that profilers can read. None if it cannot run."""
    path = _written(learner, fix)
    return None if path is None else driver.load(path)


def _written(learner: Learner, fix: str) -> Path | None:
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    folder = learner.workspace.hidden / "profiled" / chosen.sha[:12]
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / "fix.py"
    path.write_text(chosen.source, encoding="utf-8")
    return path


def drive(learner: Learner, module: ModuleType | None, visits: int = 40) -> None:
    """Ask the module's `Reports` for some reports, over real HTTP to the lab's store, here in this process."""
    if module is None:
        results.nothing()
        return
    driver.drive(module, visits)


def snapshots(learner: Learner, fix: str = YOURS) -> None:
    """What some visits left behind, line by line: two snapshots of tracemalloc compared; and what tracing costs."""
    if validating() or not _live() or (made := module(learner, fix)) is None:
        return
    table = [("line", "MB left behind", "objects")]
    table += [(where, f"{size / MB:.2f}", str(count)) for where, size, count in profiling.difference(made)]
    head = f"tracemalloc, the second snapshot compared with the first, {profiling.VISITS} visits and two parts in between:"
    slower = f"While it keeps account, visits take {profiling.slow_down(made):.1f} times as long."
    notes.show(Note((head, slower), table=tuple(table)))


def lines(learner: Learner, fix: str = YOURS) -> None:
    """memory-profiler's table of `Reports.report`, line by line, in a new process."""
    if validating() or not _live() or (path := _written(learner, fix)) is None:
        return
    print(f"{named(fix)}:\n{profiling.line_by_line(path)}")


def flame(learner: Learner, fix: str = YOURS) -> None:
    """A flame graph of what some visits left behind, by memray."""
    if validating() or not _live() or (made := module(learner, fix)) is None:
        return
    try:
        stacks = profiling.held_by_stack(made)
    except RuntimeError as error:
        notes.show(Note((str(error),), "warn"))
        return
    title = f"still held after {profiling.VISITS} visits and two parts"
    results.draw(charts.flame(stacks, title=title, mark="fix.py", begin="_drive "))


def given_back(learner: Learner) -> None:
    """Free many small objects and a few large ones, in a process of their own, and see what the system gets back."""
    if validating() or not _live():
        return
    rows = [("one in 200 is kept", "before", "with all of them", "after they were freed")]
    rows += [(what, f"{a:,.0f} MB", f"{b:,.0f} MB", f"{c:,.0f} MB") for what, a, b, c in profiling.given_back()]
    notes.show(Note(("Resident memory of a process, as the system sees it:",), table=tuple(rows)))


def soak(learner: Learner, fix: str = YOURS, hours: float = 24.0) -> Run | None:
    """The first `hours` of a simulated day, one visit in 20 s: memory, log and disk, each with its limit."""
    if isinstance(hours, bool) or not isinstance(hours, int | float) or not 0.5 <= hours <= 24:
        raise LearnerError(f"{hours!r} hours cannot be soaked; expected a number from 0.5 to 24")
    chosen = learner.repair(fix)
    if validating() or chosen is None:
        return None
    scenario = SCENARIOS["soak"]
    if hours < 24:
        scenario = replace(scenario, load=(Phase(scenario.load[0].rate, hours * HOUR_S),))
    label = f"Soaking {named(chosen.name)}, {hours:g} simulated hours"
    with learner.waiting(f"soak {hours:g} {chosen.name}", label, DAY_WALL_S * hours / 24) as bar:
        run = experiment.run(learner.lab, chosen, "simulated", scenario, 0, bar.update)
    if run.info.status != "pass":
        notes.show(Note((f"The day ended early: {run.info.status}. {run.info.detail}",), "bad"))
        return run
    title = f"a simulated day, {named(run.info.fix)}" if hours == 24 else f"the first {hours:g} hours"
    results.draw(charts.growth(_grown(run), title=title, seconds=24 * HOUR_S))
    _tell_the_hour(learner, run, hours)
    return run


def _tell_the_hour(learner: Learner, run: Run, hours: float) -> None:
    said = [p for p in learner.state().predictions if p["name"] == "hour of the crash"]
    crossed = crossed_at(run, ROOM_MB * MB)
    if hours < 24:
        return
    seen = "never full in this day" if crossed is None else f"full after {crossed / HOUR_S:.1f} hours"
    yours = f" You predicted {results.said(said[-1])}." if said and run.info.fix == BROKEN else ""
    notes.show(Note((f"The room of {ROOM_MB:g} MB is {seen}.{yours}",)))


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


def policies(learner: Learner) -> None:
    """Run what most people try first, and see which checks each one passes; one seed."""
    told = "Bytes kept for each byte made (three columns), share of the room, times the ledger; x: over the goal."
    kit_policies.table(learner, POLICIES, told, 3.0)


def alert(learner: Learner, above_mb_per_min: float | None = None, for_s: float = 20.0) -> None:
    """Try an alert rule: it fires when memory has grown by more than so many MB a minute, measured over the last `for_s` s.

    The rule is run against three healthy services, one of which is just filling its cache, and against three that leak.
    """
    if above_mb_per_min is None:
        alerts.no_rule_yet()
        return
    if not is_number(above_mb_per_min) or not is_number(for_s) or for_s < 1:
        raise LearnerError(
            f"the rule is {above_mb_per_min!r} MB a minute over {for_s!r} s; expected two numbers, and at least 1 s"
        )
    if for_s > LONGEST_WINDOW_S:
        raise LearnerError(
            f"the window is {for_s:g} s; the shortest of these runs lasts {LONGEST_WINDOW_S:g} s, so choose less"
        )
    lab = learner.lab
    mixed, popular, revisions = (lab.scenario(name) for name in ("mixed", "popular", "revisions"))
    cases = {
        "healthy, its cache fills in the first seconds": Case(Job(shipped(lab, REFERENCE), mixed)),
        "healthy, popular reports alone": Case(Job(shipped(lab, REFERENCE), popular)),
        "healthy, a saw: cleared when it is full": Case(Job(shipped(lab, "wrong_clear_all"), mixed)),
        "leak, everything": Case(Job(shipped(lab, BROKEN), mixed), broken_at_s=0.0),
        "leak, the history": Case(Job(shipped(lab, "wrong_history_left"), popular), broken_at_s=0.0),
        "leak, the watchers": Case(Job(shipped(lab, "wrong_watchers_left"), revisions), broken_at_s=0.0),
    }
    told = f"Page when memory grows by more than {above_mb_per_min:g} MB a minute, measured over the last {for_s:g} s:"
    alerts.try_rule(
        learner, told, cases, lambda run: fires_at(readings_of(run), above_mb_per_min, for_s), 3.0,
        beside=("steepest", lambda run: f"{steepest(readings_of(run), for_s):.0f} MB a minute"),
    )  # fmt: skip


def _live() -> bool:
    if os.environ.get("BREAKFIX_LIVE") == "off":
        notes.show(Note(("Not measured: BREAKFIX_LIVE=off, and this measures the real machine.",)))
        return False
    return True
