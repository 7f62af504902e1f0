"""What lab06 adds to the learner's handle: each function marked `@action`."""

from __future__ import annotations

import math
from collections.abc import Iterator

from labs.kit import (
    BROKEN,
    Chart,
    Fix,
    Job,
    Learner,
    LearnerError,
    Note,
    Run,
    action,
    alerts,
    chart,
    charts,
    named,
    names,
    results,
    run_all,
    stats,
)  # fmt: skip
from labs.kit import policies as kit_policies
from labs.lab06_retries import phases
from labs.lab06_retries.checks import RECOVERY_GOAL
from labs.lab06_retries.readings import LINK, TAIL_S, charged_of_failed, debits, fires_at, stall_end, tail_success
from labs.lab06_retries.scenarios import ARRIVALS, SHORT_STALL_S, WATCHED


@action
def signals(learner: Learner, run: Run) -> Note:
    """The signals of a run: before the stall, during it, after it, and in the last 8 seconds of the load."""
    heads, windows = zip(*_windows(run).items(), strict=True)
    told = f"Signals of the run with {named(run.info.fix)}:"
    return results.side_by_side(told, windows, lambda window: _signals_in(run, *window), heads, *_charges(run))


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
    told = f"Of all {chart.plural(failed, 'order')} that failed, {charged} had been charged {end}"
    ledger = debits(run)
    late = [r.intended for r in run.requests() if not r.ok and ledger[r.request_id]]
    told += f" (the last of them arrived at second {max(late):.0f})." if late else "."
    depth = run.samples(names.QUEUE_DEPTH, "payments")
    if charged < failed and depth and depth[-1].value > 0:
        told += f" {chart.plural(depth[-1].value, 'job')} still stood in the queue then: not yet charged."
    return [told]


def _signals_in(run: Run, start: float, end: float) -> dict[str, str]:
    span = end - start
    orders = stats.user_requests(run, start, end)
    times = stats.latencies(run, start, end)
    depth = [s.value for s in run.samples(names.QUEUE_DEPTH, "payments") if start <= s.time < end]
    finished = [r for r in run.requests("payments->bank") if r.done is not None and start <= r.done < end]
    charged, failed = charged_of_failed(run, start, end)
    useful = sum(r.ok and r.done is not None and start <= r.done < end for r in run.requests(LINK))
    return {
        "orders that fail": f"{failed / len(orders):.0%}" if orders else "-",
        f"of these, charged by second {run.info.seconds:g}": f"{charged} of {failed}",
        "request time, p50": chart.seconds(stats.percentile(times, 50)) if times else "-",
        "attempts reaching payments": f"{stats.attempts(run, LINK, start, end) / span:.0f} a second",
        "queue depth at payments": chart.plural(round(sum(depth) / len(depth)), "job") if depth else "-",
        "charges the bank finished": f"{len(finished) / span:.0f} a second",
        "of these, somebody still waited": f"{useful / span:.0f} a second",
    }


@action
def profile(learner: Learner, run: Run) -> Note:
    """Which lines of the repair sent the attempts, counted where the HTTP client starts a request."""
    counts = results.counted(run, "shop", "attempts by line")
    total = sum(counts.values())
    rows = [("attempts", "share", "sent from (outermost line first)")]
    rows += [(f"{n:,}", f"{n / total:.0%}", where) for where, n in counts.most_common()]
    orders = len(run.requests())
    return Note((f"{total:,} attempts for {orders:,} orders, by the lines of fix.py they came through:",), table=tuple(rows))


@action
def waterfall(learner: Learner, run: Run, order: str | None = None) -> Iterator[Chart | Note]:
    """All that happened to one order, by default the first that failed after the stall, or else the first that failed."""
    known = [r.request_id for r in run.requests()]
    if order is not None and order not in known:
        raise LearnerError(f"no order {order!r} in this run; it has order-0 to order-{len(known) - 1}")
    failed = [r for r in run.requests() if not r.ok]
    late = [r.request_id for r in failed if r.intended > stall_end(run) + 2]
    chosen = order or (late or [r.request_id for r in failed] or known)[0]
    yield charts.waterfall(run, chosen)
    paid = debits(run)[chosen]
    yield Note((f"In the bank's ledger, the money for {chosen} moved {paid} time{'s' * (paid != 1)}.",))


@action(makes_runs=True)
def policies(learner: Learner) -> Note:
    """Run the repairs that most people try first, and yours: on the short stall; those that survive it on the long one, and
    where single answers fail."""
    fixes = kit_policies.repairs(learner)
    short = _runs(learner, fixes, "outage")
    survivors = {name: fix for name, fix in fixes.items() if _success(short[name]) >= RECOVERY_GOAL}
    long, single = _runs(learner, survivors, "long_outage"), _runs(learner, survivors, "hiccups")
    stalls = ("stall of 3 s", "recovered after", "stall of 8 s", "recovered after")
    rows: list[tuple[str, ...]] = [("policy", *stalls, "single errors")]
    for name in fixes:
        more = (*_fate(long[name]), _share(single[name])) if name in survivors else ("-", "-", "-")
        rows.append((name, *_fate(short[name]), *more))
    return Note((kit_policies.told(learner),), table=tuple(rows))


def _runs(learner: Learner, fixes: dict[str, Fix], scenario: str) -> dict[str, Run]:
    """One run of each repair, by the repair's name."""
    jobs = {name: Job(fix, learner.scenario(scenario)) for name, fix in fixes.items()}
    return learner.records(f"policies {scenario}", jobs, 4.0)


def _success(run: Run) -> float:
    """Share of the last orders confirmed; 0 where the run broke off."""
    return tail_success(run) if run.info.status == "pass" else 0.0


def _fate(run: Run) -> tuple[str, str]:
    """How a run with a stall ended, and how soon."""
    if run.why_not:
        return run.why_not, "-"
    after = stats.recovery_s(run, stall_end(run))
    never = f"not within {run.info.load_s - stall_end(run):.0f} s"
    return f"{tail_success(run):.0%}", never if math.isinf(after) else chart.seconds(after)


def _share(run: Run) -> str:
    """Share of all orders confirmed."""
    return run.why_not or f"{stats.success_rate(run):.1%}"


@action(makes_runs=True)
def phase_map(learner: Learner, fix: str = "fix", fine: bool = False) -> Chart | None:
    """Arrival rate against length of stall: where does the system come back by itself, with this repair?

    `fine` makes a map of more cells, which takes about three times as long. Maps are kept for each text of the repair.
    """
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    rates, stalls = phases.AXES["fine" if fine else "coarse"]
    kept = learner.workspace.folder / ".breakfix" / "maps" / f"{phases.key(learner.lab, chosen, fine)}.json"
    grid = phases.read(kept)
    if grid is None:
        jobs = phases.jobs(chosen, rates, stalls)
        with learner.waiting(f"phase map {fix} {fine}", f"Phase map, {len(jobs)} runs", 4.0 * len(jobs)) as bar:
            grid = phases.grid(run_all(learner.lab, jobs, bar.update), rates, stalls)
        phases.write(kept, grid)
    return charts.phase_map(
        grid, rates, stalls,
        boundary=phases.law(stalls, 4) if fix == BROKEN else (), boundary_label="rate x 4 attempts = capacity",
        here=(ARRIVALS, SHORT_STALL_S), here_label="the outage of this page",
        title=f"Where the shop recovers: {named(chosen.name)}", x_label="orders a second", y_label="length of the stall (s)",
    )  # fmt: skip


@action(makes_runs=True)
def fleet(learner: Learner, fix: str = "fix") -> Chart | None:
    """A repair in 200 shop instances at once, each with a client and connections of its own, beside a retry budget alone."""
    chosen = learner.repair(fix)
    if chosen is None:
        return None
    jobs = [learner.job("right_budget", "fleet"), Job(chosen, learner.scenario("fleet"))]
    with learner.waiting("fleet", "Two runs of 200 shops", 8.0 * len(jobs)) as bar:
        budget, yours = run_all(learner.lab, jobs, bar.update)
    titles = ("200 shops, a retry budget alone", f"200 shops, {named(chosen.name)}")
    look = {**learner.lab.chart, "capacity": 100}  # the bank of this scenario is twice as fast
    return charts.before_after(budget, yours, titles=titles, **look)


@action
def alert(learner: Learner, above: float | None = None, for_s: float = 5.0) -> None:
    """Try an alert rule: it fires when attempts an order stay above `above` for `for_s` seconds.

    The rule is run against a calm run, one with single errors, a brief stall, and the outage, all with the broken code.
    """
    if not alerts.written(above, for_s, "a number of attempts an order"):
        return
    cases = alerts.cases(learner, WATCHED)
    told = f"Page when attempts an order stay above {above:g} for {for_s:g} s:"
    alerts.try_rule(learner, told, cases, lambda run: fires_at(run, above, for_s), 5.0)
