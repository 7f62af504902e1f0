"""What lab06 adds to the learner's handle: `lab.signals(run)`, `lab.profile(run)`, `lab.waterfall(run)`,
`lab.policies()`, `lab.phase_map()`, `lab.fleet()` and `lab.alert()`."""

from __future__ import annotations

import json
import math
from collections import Counter
from typing import TYPE_CHECKING

from labs.kit import charts
from labs.kit.charts.chart import plural, seconds
from labs.kit.judging.evaluate import attempted
from labs.kit.measure import stats
from labs.kit.model.declare import is_number
from labs.kit.model.lab import BROKEN, Fix, named
from labs.kit.model.record import Run
from labs.kit.notebook import alerts, notes, results
from labs.kit.notebook.alerts import Case
from labs.kit.notebook.errors import LearnerError, validating
from labs.kit.notebook.notes import Note
from labs.kit.notebook.repair_cell import shipped
from labs.kit.worlds.parallel import Job, run_all
from labs.lab06_retries import ARRIVALS, SHORT_STALL_S, STALL_AT_S, phases
from labs.lab06_retries.checks import LINK, RECOVERY_GOAL, TAIL_S, charged_of_failed, debits, stall_end, tail_success

if TYPE_CHECKING:
    from labs.kit.notebook.learner import Learner

POLICIES = {
    "broken: four attempts, no delay": "broken",
    "exponential back-off, full jitter": "wrong_full_jitter",
    "full jitter, one retry only": "wrong_one_retry",
    "timeout cut to 60 ms": "wrong_short_timeout",
    "timeout raised to 5 s": "wrong_long_timeout",
    "no retries": "wrong_no_retries",
    "queue of at most 60": "wrong_queue_bound_60",
    "queue of at most 15": "right_queue_bound",
    "retry budget 10 %": "right_budget",
}
"""The rows of `lab.policies()`: what it is called on the page, and its file in fixes/; the learner's repair comes last."""


def signals(learner: Learner, run: Run | None) -> None:
    """The signals of a run: before the stall, during it, after it, and in the last 8 seconds of the load."""
    if run is None:
        results.nothing()
        return
    windows = _windows(run)
    readings = [_signals_in(run, start, end) for start, end in windows.values()]
    rows = [("signal", *windows)]
    rows += [(name, *(reading[name] for reading in readings)) for name in readings[0]]
    told = (f"Signals of the run with {named(run.info.fix)}:", *_charges(run))
    notes.show(Note(told, table=tuple(rows)))


def _windows(run: Run) -> dict[str, tuple[float, float]]:
    """The parts of a run by name; one that no stall parts is one part."""
    end = run.info.load_s
    stalls = [w for w in stats.fault_windows(run) if 0 < w.start < w.end < end]
    if not stalls:
        return {f"load (0 to {end:g} s)": (0.0, end)}
    begun, back = stalls[0].start, stalls[-1].end
    tail = max(back, end - TAIL_S)
    parts = {"before": (0.0, begun), "stall": (begun, back), "after": (back, tail), "end": (tail, end)}
    return {f"{name} ({a:g} to {b:g} s)": (a, b) for name, (a, b) in parts.items() if a < b}


def _charges(run: Run) -> list[str]:
    """What became of the money of all orders that failed, in one line; none if all were confirmed."""
    charged, failed = charged_of_failed(run)
    if not failed:
        return []
    end = f"by second {run.info.seconds:g}, the end of the record"
    told = f"Of all {plural(failed, 'order')} that failed, {charged} had been charged {end}"
    ledger = debits(run)
    late = [r.intended for r in run.requests() if not r.ok and ledger[r.request_id]]
    told += f" (the last of them arrived at second {max(late):.0f})." if late else "."
    depth = run.samples("queue.depth", "payments")
    if charged < failed and depth and depth[-1].value > 0:
        told += f" {plural(depth[-1].value, 'job')} still stood in the queue then: not yet charged."
    return [told]


def _signals_in(run: Run, start: float, end: float) -> dict[str, str]:
    span = end - start
    orders = stats.user_requests(run, start, end)
    times = stats.latencies(run, start, end)
    depth = [s.value for s in run.samples("queue.depth", "payments") if start <= s.time < end]
    finished = [r for r in run.requests("payments->bank") if r.done is not None and start <= r.done < end]
    charged, failed = charged_of_failed(run, start, end)
    useful = sum(r.ok and r.done is not None and start <= r.done < end for r in run.requests(LINK))
    return {
        "orders that fail": f"{failed / len(orders):.0%}" if orders else "-",
        f"of these, charged by second {run.info.seconds:g}": f"{charged} of {failed}",
        "request time, p50": seconds(stats.percentile(times, 50)) if times else "-",
        "attempts reaching payments": f"{stats.attempts(run, LINK, start, end) / span:.0f} a second",
        "queue depth at payments": plural(round(sum(depth) / len(depth)), "job") if depth else "-",
        "charges the bank finished": f"{len(finished) / span:.0f} a second",
        "of these, somebody still waited": f"{useful / span:.0f} a second",
    }


def profile(learner: Learner, run: Run | None) -> None:
    """Which lines of the repair sent the attempts, counted where the HTTP client starts a request."""
    if run is None:
        results.nothing()
        return
    counts: Counter[str] = Counter()
    for log in run.logs("shop"):
        if log.event == "attempts by line":
            counts.update(json.loads(log.fields))
    total = sum(counts.values())
    rows = [("attempts", "share", "sent from (outermost line first)")]
    rows += [(f"{n:,}", f"{n / total:.0%}", where) for where, n in counts.most_common()]
    orders = len(run.requests())
    notes.show(
        Note((f"{total:,} attempts for {orders:,} orders, by the lines of fix.py they came through:",), table=tuple(rows))
    )


def waterfall(learner: Learner, run: Run | None, order: str | None = None) -> None:
    """All that happened to one order, by default the first that failed after the stall, or else the first that failed."""
    if run is None:
        results.nothing()
        return
    known = [r.request_id for r in run.requests()]
    if order is not None and order not in known:
        raise LearnerError(f"no order {order!r} in this run; it has order-0 to order-{len(known) - 1}")
    failed = [r for r in run.requests() if not r.ok]
    late = [r.request_id for r in failed if r.intended > stall_end(run) + 2]
    chosen = order or (late or [r.request_id for r in failed] or known)[0]
    results.draw(charts.waterfall(run, chosen))
    paid = debits(run)[chosen]
    notes.show(Note((f"In the bank's ledger, the money for {chosen} moved {paid} time{'s' * (paid != 1)}.",)))


def policies(learner: Learner) -> None:
    """Run the repairs that most people try first, and yours: on the short stall; those that survive it on the long one, and
    where single answers fail."""
    if validating():
        return
    lab = learner.lab
    fixes = {name: shipped(lab, file) for name, file in POLICIES.items()}
    mine = learner.repair()
    if mine is not None and attempted(lab, mine.source):
        fixes["your repair"] = mine
    short = _runs(learner, fixes, "outage")
    survivors = {name: fix for name, fix in fixes.items() if _success(short[name]) >= RECOVERY_GOAL}
    long, single = _runs(learner, survivors, "long_outage"), _runs(learner, survivors, "hiccups")
    stalls = ("stall of 3 s", "recovered after", "stall of 8 s", "recovered after")
    rows: list[tuple[str, ...]] = [("policy", *stalls, "single errors")]
    for name in fixes:
        more = (*_fate(long[name]), _share(single[name])) if name in survivors else ("-", "-", "-")
        rows.append((name, *_fate(short[name]), *more))
    told = (
        f"Stalls: the share of the orders of the last {TAIL_S:g} s that was confirmed, and how long after the bank's return"
        " all went well again. What survives the stall of 3 s is also tried on one of 8 s, and where one answer in ten fails"
        " at the bank: there, the share of all orders that was confirmed.",
    )
    notes.show(Note(told, table=tuple(rows)))


def _runs(learner: Learner, fixes: dict[str, Fix], scenario: str) -> dict[str, Run]:
    """One run of each repair, by the repair's name."""
    jobs = {name: Job(fix, learner.lab.scenario(scenario)) for name, fix in fixes.items()}
    return learner.records(f"policies {scenario}", jobs, 4.0)


def _success(run: Run) -> float:
    """Share of the last orders confirmed; 0 where the run broke off."""
    return tail_success(run) if run.info.status == "pass" else 0.0


def _fate(run: Run) -> tuple[str, str]:
    """How a run with a stall ended, and how soon."""
    if run.info.status != "pass":
        return f"ended early: {run.info.status}", "-"
    after = stats.recovery_s(run, stall_end(run))
    never = f"not within {run.info.load_s - stall_end(run):.0f} s"
    return f"{tail_success(run):.0%}", never if math.isinf(after) else seconds(after)


def _share(run: Run) -> str:
    """Share of all orders confirmed."""
    return f"{stats.success_rate(run):.1%}" if run.info.status == "pass" else f"ended early: {run.info.status}"


def phase_map(learner: Learner, fix: str = "fix", fine: bool = False) -> None:
    """Arrival rate against length of stall: where does the system come back by itself, with this repair?

    `fine` makes a map of more cells, which takes about three times as long. Maps are kept for each text of the repair.
    """
    chosen = learner.repair(fix)
    if chosen is None or validating():
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
            title=f"Where the shop recovers: {named(chosen.name)}",
            x_label="orders a second",
            y_label="length of the stall (s)",
        )
    )


def fleet(learner: Learner, fix: str = "fix") -> None:
    """A repair in 200 shop instances at once, each with a client and connections of its own, beside a retry budget alone."""
    chosen = learner.repair(fix)
    if chosen is None or validating():
        return
    scenario = learner.lab.scenario("fleet")
    jobs = [Job(shipped(learner.lab, "right_budget"), scenario), Job(chosen, scenario)]
    with learner.waiting("fleet", "Two runs of 200 shops", 8.0 * len(jobs)) as bar:
        budget, yours = run_all(learner.lab, jobs, bar.update)
    titles = ("200 shops, a retry budget alone", f"200 shops, {named(chosen.name)}")
    look = {**learner.lab.chart, "capacity": 100}  # the bank of this scenario is twice as fast
    results.draw(charts.before_after(budget, yours, titles=titles, **look))


def alert(learner: Learner, above: float | None = None, for_s: float = 5.0) -> None:
    """Try an alert rule: it fires when attempts an order stay above `above` for `for_s` seconds.

    The rule is run against a calm run, one with single errors, and the outage, all with the broken code.
    """
    if above is None:
        alerts.no_rule_yet()
        return
    if not is_number(above) or not is_number(for_s) or for_s < 1:
        raise LearnerError(
            f"the rule is {above!r} for {for_s!r} s; expected a number of attempts an order, and at least 1 s"
        )
    lab = learner.lab
    jobs = {name: Job(shipped(lab, BROKEN), lab.scenario(name)) for name in ("calm", "hiccups", "outage")}
    cases = {name: Case(job, STALL_AT_S if name == "outage" else None) for name, job in jobs.items()}
    told = f"Page when attempts an order stay above {above:g} for {for_s:g} s:"
    alerts.try_rule(learner, told, cases, lambda run: fires_at(run, above, for_s), 5.0)


def fires_at(run: Run, above: float, for_s: float) -> float | None:
    """The second in which the alert rule of `alert` fires, None if it never does."""

    def over(second: int) -> bool:
        orders = len(stats.user_requests(run, second, second + 1))
        return orders > 0 and stats.attempts(run, LINK, second, second + 1) / orders > above

    return alerts.lasts(map(over, range(int(run.info.load_s))), for_s)
