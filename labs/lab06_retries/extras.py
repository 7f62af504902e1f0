"""What lab06 adds to the learner's handle: `lab.code()`, `lab.signals(run)`, `lab.profile(run)`, `lab.waterfall(run)`,
`lab.policies()`, `lab.phase_map()`, `lab.fleet()` and `lab.alert()`."""

from __future__ import annotations

import json
import os
from collections import Counter
from typing import TYPE_CHECKING

from labs.kit import cards, charts, results, stats
from labs.kit.actions import LearnerError
from labs.kit.batch import Job, run_all
from labs.kit.cards import Note
from labs.kit.lab import BROKEN
from labs.kit.record import Run
from labs.lab06_retries import ARRIVALS, SHORT_STALL_S, STALL_AT_S, phases
from labs.lab06_retries.checks import LINK, RECOVERY_GOAL, debits, stall_end, tail_success

if TYPE_CHECKING:
    from labs.kit.learner import Learner

POLICIES = {
    "broken: four attempts, no delay": "broken",
    "exponential back-off, full jitter": "wrong_full_jitter",
    "full jitter, one retry only": "wrong_one_retry",
    "timeout cut to 60 ms": "wrong_short_timeout",
    "timeout raised to 5 s": "wrong_long_timeout",
    "no retries": "wrong_no_retries",
    "queue of at most 60": "wrong_queue_bound_60",
    "queue of at most 15": "right_queue_bound",
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/."""


def code(learner: Learner) -> None:
    """Show the code that failed, with the line numbers that the repair cell gives it."""
    lines = ["%%fix", *learner.lab.fix(BROKEN).source.rstrip().splitlines()]
    print("\n".join(f"{number:3}  {line}".rstrip() for number, line in enumerate(lines, 1)))


def signals(learner: Learner, run: Run | None) -> None:
    """The signals of a run, before the stall, during it, and well after it."""
    if _nothing(run):
        return
    assert run is not None
    back = stall_end(run)
    windows = {
        f"before ({0:g} to {STALL_AT_S:g} s)": (0.0, STALL_AT_S),
        f"stall ({STALL_AT_S:g} to {back:g} s)": (STALL_AT_S, back),
        f"after ({run.info.load_s - 8:g} to {run.info.load_s:g} s)": (run.info.load_s - 8, run.info.load_s),
    }
    rows = [("signal", *windows)]
    readings = [_signals_in(run, start, end) for start, end in windows.values()]
    rows += [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    cards.show(Note((f"Signals of the run with {results.named(run.info.fix)}:",), table=tuple(rows)))


def _signals_in(run: Run, start: float, end: float) -> dict[str, str]:
    seconds = end - start
    times = stats.latencies(run, start, end)
    depth = [s.value for s in run.samples("queue.depth", "payments") if start <= s.time < end]
    finished = [r for r in run.requests("payments->bank") if r.done is not None and start <= r.done < end]
    refused = [r.request_id for r in run.requests() if not r.ok and start <= r.intended < end]
    charged = debits(run)
    useful = sum(r.ok and r.done is not None and start <= r.done < end for r in run.requests(LINK))
    return {
        "orders that fail": f"{1 - stats.success_rate(run, start, end):.0%}",
        "of these, charged all the same": f"{sum(charged[order] > 0 for order in refused)} of {len(refused)}",
        "request time, p50": f"{stats.percentile(times, 50):.2f} s",
        "attempts reaching payments": f"{stats.attempts(run, LINK, start, end) / seconds:.0f} a second",
        "queue depth at payments": f"{sum(depth) / len(depth):.0f} jobs" if depth else "-",
        "charges the bank finished": f"{len(finished) / seconds:.0f} a second",
        "of these, somebody still waited": f"{useful / seconds:.0f} a second",
    }


def profile(learner: Learner, run: Run | None) -> None:
    """Which lines of the repair sent the attempts, counted where the HTTP client starts a request."""
    if _nothing(run):
        return
    assert run is not None
    counts: Counter[str] = Counter()
    for log in run.logs("shop"):
        if log.event == "attempts by line":
            counts.update(json.loads(log.fields))
    total = sum(counts.values())
    rows = [("attempts", "share", "sent from (outermost line first)")]
    rows += [(f"{n:,}", f"{n / total:.0%}", where) for where, n in counts.most_common()]
    orders = len(run.requests())
    cards.show(
        Note((f"{total:,} attempts for {orders:,} orders, by the lines of fix.py they came through:",), table=tuple(rows))
    )


def waterfall(learner: Learner, run: Run | None, order: str | None = None) -> None:
    """All that happened to one order, by default the first that failed after the stall, or else the first that failed."""
    if _nothing(run):
        return
    assert run is not None
    known = [r.request_id for r in run.requests()]
    if order is not None and order not in known:
        raise LearnerError(f"no order {order!r} in this run; it has order-0 to order-{len(known) - 1}")
    failed = [r for r in run.requests() if not r.ok]
    late = [r.request_id for r in failed if r.intended > stall_end(run) + 2]
    chosen = order or (late or [r.request_id for r in failed] or known)[0]
    results.draw(charts.waterfall(run, chosen))
    paid = debits(run)[chosen]
    cards.show(Note((f"In the bank's ledger, the money for {chosen} moved {paid} time{'s' * (paid != 1)}.",)))


def policies(learner: Learner) -> None:
    """Run the repairs that most people try first on the short stall, and those that survive it on the long one."""
    if _validating():
        return
    survivors = dict(POLICIES)
    for scenario, stall in (("outage", "a stall of 3 s"), ("long_outage", "those that survived, on a stall of 8 s")):
        jobs = [Job(learner.lab.fix(file), learner.lab.scenario(scenario)) for file in survivors.values()]
        with learner.waiting(f"policies {scenario}", f"{len(jobs)} runs", 4.0 * len(jobs)) as bar:
            runs = dict(zip(survivors, run_all(learner.lab, jobs, bar.update), strict=True))
        rows = [charts.Policy(name, tail_success(r), stats.recovery_s(r, stall_end(r))) for name, r in runs.items()]
        results.draw(charts.policy_bars(rows, objective=RECOVERY_GOAL, title=f"What became of each policy: {stall}"))
        survivors = {name: survivors[name] for name, r in runs.items() if tail_success(r) >= RECOVERY_GOAL}


def phase_map(learner: Learner, fix: str = "fix", fine: bool = False) -> None:
    """Arrival rate against length of stall: where does the system come back by itself, with this repair?

    `fine` makes a map of more cells, which takes about three times as long. Maps are kept for each text of the repair.
    """
    chosen = learner.repair(fix)
    if chosen is None or _validating():
        return
    rates, stalls = phases.AXES["fine" if fine else "coarse"]
    kept = learner.workspace.folder / ".breakfix" / "maps" / f"{phases.key(learner.lab, chosen, fine)}.json"
    grid = phases.read(kept)
    if grid is None:
        jobs = phases.jobs(chosen, rates, stalls)
        with learner.waiting(f"phase map {fix} {fine}", f"Phase map, {len(jobs)} runs", 4.0 * len(jobs)) as bar:
            grid = phases.grid(run_all(learner.lab, jobs, bar.update), rates, stalls)
        phases.write(kept, grid)
    results.draw(
        charts.phase_map(
            grid,
            rates,
            stalls,
            boundary=phases.law(stalls, 4) if fix == BROKEN else (),
            boundary_label="rate x 4 attempts = capacity",
            here=(ARRIVALS, SHORT_STALL_S),
            here_label="the outage of this page",
            title=f"Where the shop recovers: {results.named(chosen.name)}",
            x_label="orders a second",
            y_label="length of the stall (s)",
        )
    )


def fleet(learner: Learner, fix: str = "fix") -> None:
    """The same repair in 200 shop instances at once, each with a client and connections of its own."""
    chosen = learner.repair(fix)
    if chosen is None:
        return
    run = learner.simulate(chosen, "fleet")
    if run is None:
        return
    results.draw(charts.outage(run, title=f"200 shops, {results.named(chosen.name)}", link=LINK, capacity=100, noun="order"))


def alert(learner: Learner, above: float | None = None, for_s: float = 5.0) -> None:
    """Try an alert rule: it fires when attempts an order stay above `above` for `for_s` seconds.

    The rule is run against a calm run, one with single errors, and the outage, all with the broken code.
    """
    if above is None:
        cards.show(Note(("No rule yet: write a number in place of None, and run this cell again.",)))
        return
    if isinstance(above, bool) or not isinstance(above, (int, float)) or not isinstance(for_s, (int, float)) or for_s < 1:
        raise LearnerError(
            f"the rule is {above!r} for {for_s!r} s; expected a number of attempts an order, and at least 1 s"
        )
    if _validating():
        return
    lab = learner.lab
    names = ("calm", "hiccups", "outage")
    with learner.waiting("alert", "Three runs", 15.0) as bar:
        runs = run_all(lab, [Job(lab.fix(BROKEN), lab.scenario(name)) for name in names], bar.update)
    rows = [("run", "should it fire?", "it fires at", "")]
    for name, run in zip(names, runs, strict=True):
        at = fires_at(run, above, for_s)
        wanted = name == "outage"
        late = f"{at - STALL_AT_S:.0f} s after the stall began" if at is not None and wanted else ""
        good = (
            late
            if at is not None and wanted
            else "false alarm"
            if at is not None
            else "missed"
            if wanted
            else "quiet, as it should be"
        )
        rows.append((name, "yes" if wanted else "no", "never" if at is None else f"second {at:.0f}", good))
    cards.show(Note((f"Page when attempts an order stay above {above:g} for {for_s:g} s:",), table=tuple(rows)))


def fires_at(run: Run, above: float, for_s: float) -> float | None:
    """The second in which the alert rule of `alert` fires, None if it never does."""
    since = None
    for second in range(int(run.info.load_s)):
        offered = len(stats.user_requests(run, second, second + 1))
        if offered and stats.attempts(run, LINK, second, second + 1) / offered > above:
            since = second if since is None else since
            if second + 1 - since >= for_s:
                return second + 1.0
        else:
            since = None
    return None


def _nothing(run: Run | None) -> bool:
    if run is None:
        cards.show(Note(("Nothing to show: the run of the cell above has not taken place yet.",)))
    return run is None


def _validating() -> bool:
    return os.environ.get("NBGRADER_EXECUTION") == "validate"
