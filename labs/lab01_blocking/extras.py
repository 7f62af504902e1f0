"""What lab01 adds to the learner's handle: `lab.routes(run, ...)`, `lab.signals(run, ...)`,
`lab.slow_callbacks(run)`, `lab.profile(run)`, `lab.symptoms()`, `lab.policies()` and `lab.alert()`."""

from __future__ import annotations

import json
import re
from collections import Counter
from math import inf
from typing import TYPE_CHECKING

from labs.kit import charts
from labs.kit.measure import stats
from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, REFERENCE, named
from labs.kit.model.names import LOOP_LAG
from labs.kit.model.record import Run
from labs.kit.notebook import alerts, notes, results
from labs.kit.notebook import policies as kit_policies
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job
from labs.lab01_blocking.checks import FAST_S
from labs.lab01_blocking.readings import FAST, SLOW, at_once, in_time, times

if TYPE_CHECKING:
    from labs.kit.model.lab import Lab
    from labs.kit.notebook.learner import Learner

ROUTES = {FAST: "health", SLOW: "price"}
SLOW_SUPPLIER_MS = 1_500.0
BLOCKED = "blocked loop"
EACH_S = 2.5
"""Real seconds that one run of this page takes at most, before any was measured here."""
HARMLESS_MS = 20.0
"""Computing on the loop for each price that keeps health checks within their goal: lag, but nobody's emergency."""

POLICIES = {
    "broken": BROKEN,
    "async def round the same calls": "wrong_async_def",
    "await asyncio.sleep(0) first": "wrong_sleep_zero",
    "async client for the supplier only": "wrong_only_supplier",
    "four workers in the place of one": "wrong_four_workers",
    "asyncio.to_thread round everything": "wrong_to_thread",
    "20 threads for everything": "wrong_threads_for_python",
    "a new thread to ask for each price, processes": "wrong_thread_per_price",
    "async client without a limit, processes": "wrong_unbounded_client",
    "prices cached for 5 s": "wrong_cache",
    "async client with a limit, threads, processes": REFERENCE,
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/."""


def routes(learner: Learner, *runs: Run | None, titles: tuple[str, ...] = ()) -> None:
    """Draw one to three runs: request times of both routes, and the event-loop lag under them."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    if not 1 <= len(chosen) <= 3:
        raise LearnerError(f"{len(chosen)} runs do not fit into one figure; give one to three")
    heads = titles if len(titles) == len(chosen) else [f"{named(r.info.fix)}, {r.info.scenario}" for r in chosen]
    results.draw(charts.loop_lag(chosen, ROUTES, host="page", titles=heads, objective=FAST_S))


def signals(learner: Learner, *runs: Run | None) -> None:
    """The signals of some runs, side by side."""
    chosen = results.took_place(*runs)
    if not chosen:
        return
    names = [f"{named(r.info.fix)}, {r.info.scenario}, {r.info.world}" for r in chosen]
    notes.show(Note(("The signals, over the whole load:",), table=_signals(dict(zip(names, chosen, strict=True)))))


def _signals(runs: dict[str, Run]) -> tuple[tuple[str, ...], ...]:
    readings = [_read(run) for run in runs.values()]
    rows = [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    return (("signal", *runs), *rows)


def _read(run: Run) -> dict[str, str]:
    third = run.info.load_s / 3
    fast = times(run, FAST)
    early, late = times(run, SLOW, 0, third), times(run, SLOW, 2 * third)
    asked = [r for r in run.requests() if r.endpoint == SLOW]
    return {
        "health checks, p50": _ms(stats.percentile(fast, 50)),
        "health checks, p99": _ms(stats.percentile(fast, 99)),
        f"health checks over {FAST_S * 1000:.0f} ms": f"{1 - in_time(run, FAST, FAST_S):.0%}",
        "prices, p50 in the first third": _ms(stats.percentile(early, 50)) if early else "-",
        "prices, p50 in the last third": _ms(stats.percentile(late, 50)) if late else "-",
        "prices without a good answer": f"{sum(r.done is None or not r.ok for r in asked)} of {len(asked)}",
        "event-loop lag, longest": _ms(_most(run, LOOP_LAG, run.info.load_s)),
        "prices under way, most that the page saw": f"{_most(run, 'http.server.active_requests'):.0f}",
        "requests at the supplier, most on the wire": f"{at_once(run)}",
        "threads of the page, most": f"{_most(run, 'process.thread.count'):.0f}",
    }


def _most(run: Run, signal: str, until: float = inf) -> float:
    return max((sample.value for sample in run.samples(signal, "page") if sample.time <= until), default=0.0)


def _ms(seconds: float) -> str:
    if seconds == inf:
        return "no answer"
    return f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


def slow_callbacks(learner: Learner, run: Run | None) -> None:
    """What asyncio's debug mode said of a run that had it on: which tasks held the loop, how often, for how long."""
    if run is None:
        results.nothing()
        return
    found: dict[str, list[float]] = {}
    for log in run.logs("page"):
        if log.event == "slow callback":
            message = str(json.loads(log.fields)["message"])
            took = re.search(r"took ([\d.]+) seconds", message)
            found.setdefault(_task(message), []).append(float(took[1]) if took else 0.0)
    if not found:
        notes.show(Note(("No step of a task was slow, or the run was made without the setting asyncio_debug.",)))
        return
    rows = sorted(found.items(), key=lambda row: -sum(row[1]))
    table = [("slow steps", "longest", "all together", "of the coroutine")]
    table += [(str(len(took)), _ms(max(took)), _ms(sum(took)), name) for name, took in rows[:8]]
    head = f"asyncio's debug mode warned of {sum(map(len, found.values()))} steps that held the loop for more than 50 ms:"
    notes.show(Note((head,), table=tuple(table)))


def _task(message: str) -> str:
    """The coroutine that a warning is about, and where that is: what tasks of one kind have in common."""
    found = re.search(
        r"coro=<(\S+)(?: done,| running| wait_for| created)?.*? (?:defined at|running at|at) ([^\s>]+)", message
    )
    return f"{found[1]} at {found[2].rpartition('/')[2]}" if found else message[:80]


def profile(learner: Learner, run: Run | None) -> None:
    """Where the loop's thread spent its time, by pyinstrument: the lines of fix.py that led there, and what they called."""
    if run is None:
        results.nothing()
        return
    spent: Counter[str] = Counter()
    for log in run.logs("page"):
        if log.event == "profile":
            spent.update(json.loads(log.fields))
    trees = [str(json.loads(log.fields)["text"]) for log in run.logs("page") if log.event == "profile tree"]
    if not trees:
        why = "This run holds no profile: pyinstrument measures real time, so it needs the live world and its setting."
        notes.show(Note((why,), "warn"))
        return
    table = [("seconds", "share of the run", "lines of fix.py, outermost first > what the last one called")]
    table += [(f"{s:.2f}", f"{s / run.info.seconds:.0%}", where) for where, s in spent.most_common(8)]
    head = f"Seconds that the loop's thread was inside fix.py, of {run.info.seconds:g}:"
    notes.show(
        Note((head if spent else "The loop's thread was never seen inside fix.py.",), table=tuple(table) if spent else ())
    )
    print(max(trees, key=lambda text: text.count("fix.py")))


def symptoms(learner: Learner) -> None:
    """Three failures that all read "prices are slow" on a dashboard: a blocked loop, a slow supplier, a starved pool."""
    if validating():
        return
    runs = learner.records("symptoms", _three(learner.lab), EACH_S)
    results.draw(charts.loop_lag(list(runs.values()), ROUTES, host="page", titles=list(runs), objective=FAST_S))
    notes.show(Note(("The same three in numbers:",), table=_signals(runs)))


def _three(lab: Lab) -> dict[str, Job]:
    """Prices are slow in each. The pool starves without the supplier's stall, which would slow all prices by itself."""
    slow = lab.scenario("steady").with_(settings={"supplier_ms": SLOW_SUPPLIER_MS})
    return {
        BLOCKED: Job(shipped(lab, BROKEN), lab.scenario("signatures")),
        "slow supplier": Job(shipped(lab, REFERENCE), slow),
        "starved pool": Job(shipped(lab, "wrong_to_thread"), lab.scenario("launch").with_(faults=())),
    }


def policies(learner: Learner) -> None:
    """Run what most people try first, and see which checks each one passes; one seed."""
    told = "Share of health checks (four columns) and of prices (two) that came in time; x: short of the goal."
    kit_policies.table(learner, POLICIES, told, 2.0)


def alert(learner: Learner, above_ms: float | None = None, for_s: float = 3.0) -> None:
    """Try an alert rule: it fires when each second, for `for_s` seconds, has a reading of loop lag over `above_ms`.

    The rule is run against a healthy page, one whose prices hold the loop for short, harmless times, one with a slow
    supplier, one with a starved pool, and the broken one in two scenarios.
    """
    if above_ms is None:
        alerts.no_rule_yet()
        return
    if not is_number(above_ms) or not is_number(for_s) or for_s < 1:
        raise LearnerError(
            f"the rule is {above_ms!r} ms for {for_s!r} s; expected a number of milliseconds, and at least 1 s"
        )
    lab = learner.lab
    busy = lab.scenario("steady").with_(settings={"fold_ms": HARMLESS_MS / 2, "stretch_ms": HARMLESS_MS / 2})
    blocked, supplier, pool = _three(lab).items()
    cases = {
        "healthy": Case(Job(shipped(lab, REFERENCE), lab.scenario("steady"))),
        f"healthy, {HARMLESS_MS:.0f} ms on the loop for a price": Case(Job(shipped(lab, "wrong_only_supplier"), busy)),
        blocked[0]: Case(blocked[1], broken_at_s=0.0),
        supplier[0]: Case(supplier[1]),
        pool[0]: Case(pool[1]),
        f"{BLOCKED}, by the supplier": Case(Job(shipped(lab, BROKEN), lab.scenario("steady")), broken_at_s=0.0),
    }
    told = f"Page when the event-loop lag goes over {above_ms:g} ms in each of {for_s:g} s:"
    alerts.try_rule(learner, told, cases, lambda run: fires_at(run, above_ms / 1000, for_s), EACH_S)


def fires_at(run: Run, above_s: float, for_s: float) -> float | None:
    """The second at which the alert rule of `alert` fires, None if it never does."""
    worst: dict[int, float] = {}
    for sample in run.samples(LOOP_LAG, "page"):
        worst[int(sample.time)] = max(worst.get(int(sample.time), 0.0), sample.value)
    # A loop that stands still for a whole second reports nothing in it: that is no good sign.
    over = (worst.get(second, inf) > above_s for second in range(int(run.info.load_s)))
    return alerts.lasts(over, for_s)
