"""What lab01 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import re
from collections.abc import Iterator
from math import inf

from labs.kit import (
    BROKEN,
    REFERENCE,
    Chart,
    Job,
    Learner,
    LearnerError,
    Note,
    Run,
    action,
    alerts,
    charts,
    names,
    results,
    stats,
)  # fmt: skip
from labs.kit import record as _record
from labs.lab01_blocking import readings
from labs.lab01_blocking.readings import ENTRY, FAST, FAST_S, LINK, SLOW, in_time, times, waited
from labs.lab01_blocking.scenarios import WATCHED

ROUTES = {FAST: "health", SLOW: "price"}
SLOW_SUPPLIER_MS = 1_500.0
BLOCKED = "blocked loop"
EACH_S = 2.5
"""Real seconds that one run of this page takes at most, before any was measured here."""


@action(most_runs=3)
def routes(learner: Learner, *runs: Run, titles: tuple[str, ...] = ()) -> Chart:
    """Draw one to three runs: request times of both routes, and the event-loop lag under them."""
    return charts.loop_lag(runs, ROUTES, host="page", titles=results.heads(runs, titles), objective=FAST_S)


@action
def signals(learner: Learner, *runs: Run) -> Note:
    """The signals of some runs, side by side."""
    return results.side_by_side("The signals, over the whole load:", runs, _read)


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
        "event-loop lag, longest": _ms(_most(run, names.LOOP_LAG, run.info.load_s)),
        "prices under way, most that the page saw": f"{_most(run, names.ACTIVE_REQUESTS):.0f}",
        "requests at the supplier, most on the wire": f"{stats.most_in_flight(run, LINK)}",
        "threads of the page, most": f"{_most(run, names.THREADS):.0f}",
    }


def _most(run: Run, signal: str, until: float = inf) -> float:
    return max((sample.value for sample in run.samples(signal, "page") if sample.time <= until), default=0.0)


def _ms(seconds: float) -> str:
    if seconds == inf:
        return "no answer"
    return f"{seconds * 1000:,.0f} ms" if seconds < 10 else f"{seconds:.1f} s"


@action
def slow_callbacks(learner: Learner, run: Run) -> Note:
    """What asyncio's debug mode said of a run that had it on: which tasks held the loop, how often, for how long."""
    found: dict[str, list[float]] = {}
    for _, fields in stats.logged(run, "page", "slow callback"):
        message = str(fields["message"])
        took = re.search(r"took ([\d.]+) seconds", message)
        found.setdefault(_task(message), []).append(float(took[1]) if took else 0.0)
    if not found:
        return Note(("No step of a task was slow, or the run was made without the setting asyncio_debug.",))
    rows = sorted(found.items(), key=lambda row: -sum(row[1]))
    table = [("slow steps", "longest", "all together", "of the coroutine")]
    table += [(str(len(took)), _ms(max(took)), _ms(sum(took)), name) for name, took in rows[:8]]
    head = f"asyncio's debug mode warned of {sum(map(len, found.values()))} steps that held the loop for more than 50 ms:"
    return Note((head,), table=tuple(table))


def _task(message: str) -> str:
    """The coroutine that a warning is about, and where that is: what tasks of one kind have in common."""
    where = r"coro=<(\S+)(?: done,| running| wait_for| created)?.*? (?:defined at|running at|at) ([^\s>]+)"
    found = re.search(where, message)
    return f"{found[1]} at {found[2].rpartition('/')[2]}" if found else message[:80]


@action
def profile(learner: Learner, run: Run) -> Iterator[Note]:
    """Where the loop's thread spent its time, by pyinstrument: the lines of fix.py that led there, and what they called."""
    spent = results.counted(run, "page", "profile")
    trees = [str(fields["text"]) for _, fields in stats.logged(run, "page", "profile tree")]
    if not trees:
        why = "This run holds no profile: pyinstrument measures real time, so it needs the live world and its setting."
        yield Note((why,), "warn")
        return
    table = [("seconds", "share of the run", "lines of fix.py, outermost first > what the last one called")]
    table += [(f"{s:.2f}", f"{s / run.info.seconds:.0%}", where) for where, s in spent.most_common(8)]
    head = f"Seconds that the loop's thread was inside fix.py, of {run.info.seconds:g}:"
    yield Note((head,), table=tuple(table)) if spent else Note(("The loop's thread was never seen inside fix.py.",))
    print(max(trees, key=lambda text: text.count("fix.py")))


@action(makes_runs=True)
def symptoms(learner: Learner) -> Iterator[Chart | Note]:
    """Three failures that all read "prices are slow" on a dashboard: a blocked loop, a slow supplier, a starved pool."""
    made = learner.records("symptoms", _three(learner), EACH_S)
    runs, titles = list(made.values()), list(made)
    yield charts.loop_lag(runs, ROUTES, host="page", titles=titles, objective=FAST_S)
    yield results.side_by_side("The same three in numbers:", runs, _read, titles)


def _three(learner: Learner) -> dict[str, Job]:
    """Prices are slow in each. The pool starves without the supplier's stall, which would slow all prices by itself."""
    slow = learner.scenario("steady").with_(settings={"supplier_ms": SLOW_SUPPLIER_MS})
    return {
        BLOCKED: learner.job(BROKEN, "signatures"),
        "slow supplier": learner.job(REFERENCE, slow),
        "starved pool": learner.job("wrong_to_thread", learner.scenario("launch").with_(faults=())),
    }


@action
def meanwhile(learner: Learner, run: Run, visit: str | None = None) -> Note:
    """What was under way in the page and at the supplier while a visitor's request waited for its answer."""
    if visit is None:
        return Note(('Give the id of a request, as lab.requests() lists them: lab.meanwhile(run, "visit-...").',))
    found = [r for r in run.requests() if r.request_id == visit]
    if not found:
        raise LearnerError(f"no request {visit!r} in this run; lab.requests(run) lists them")
    asked = found[0]
    rows = [("link", "request", "endpoint", "begins", "ends")]
    for link in (ENTRY, LINK):
        for seen in readings.meanwhile(run, asked, link):
            if seen.endpoint == SLOW:
                rows.append(
                    (link, seen.request_id or "-", seen.endpoint, _after(seen.sent, asked), _after(seen.done, asked))
                )
    told = f"{asked.request_id}, {asked.endpoint}, sent at second {asked.sent:.2f}, was answered after {_ms(waited(asked))}."
    return Note(
        (told, "Prices under way meanwhile, from its sending on; the probe's are seen at the supplier alone:"),
        table=tuple(rows),
    )


def _after(at: float | None, asked: _record.Request) -> str:
    return "never" if at is None else f"{1000 * (at - asked.sent):.0f} ms"


@action
def alert(learner: Learner, signal: str | None = None, above_ms: float | None = None, for_s: float = 3.0) -> None:
    """Try an alert rule: it fires when in each second, for `for_s` seconds, a signal has a value over `above_ms`.

    `signal` is "lag", the event-loop lag, or "health" or "price", the longest request time of that route. The rule is run
    against the code that failed, on healthy days and broken ones, and against two failures of repaired code.
    """
    if not alerts.chosen(signal, readings.SIGNALS) or not alerts.written(above_ms, for_s, "a number of milliseconds"):
        return None
    others = {name: job for name, job in _three(learner).items() if name != BLOCKED}
    cases = alerts.cases(learner, WATCHED) | {f"{name}, repaired code": alerts.Case(job) for name, job in others.items()}
    told = f"Page when {signal} goes over {above_ms:g} ms in each of {for_s:g} s:"
    alerts.try_rule(learner, told, cases, lambda run: readings.fires_at(run, signal, above_ms, for_s), EACH_S)
    return None
