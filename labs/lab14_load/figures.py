"""The pictures that only this lab draws: three load models in one stall, and the knee of a shop by several methods."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

from labs.kit import Chart, Run, chart, stats
from labs.lab14_load import readings
from labs.lab14_load.scenarios import BEGINS_S, LOAD_S, PATIENCE_S

STEP = """    await load(town, 6, 3, buys)
    begun = asyncio.get_running_loop().time()
    answers = await load(town, {rate}, 9, buys)
    return sum(ok(a) and 3 <= a.sent + a.seconds - begun < 9 for a in answers) / 6


"""
"""One step of a curve: what is confirmed when so much is offered, without the first seconds."""
STEP_S = 6.0
WARM_S = 4.0
"""What is sent before is no part of a load model's figures."""
BIN_S = 0.5
SLOW_S = 0.5


def models(runs: Mapping[str, Run]) -> Chart:
    """For each load model a column: requests a second, and the time of each of them."""
    margins = {"left": 0.075, "right": 0.9, "top": 0.86, "bottom": 0.1, "hspace": 0.3, "wspace": 0.12}
    with chart.columns(5.0, list(runs), (2, 3), **margins) as (figure, grid):
        chart.write_above(grid[0][0], 0, "requests sent, a second", 5, fontsize=10)
        chart.write_above(grid[1][0], 0, "time of each request", 5, fontsize=10)
        for run, (rate, times) in zip(runs.values(), grid.T, strict=True):
            trouble = stats.fault_windows(run)[0]
            chart.shade((rate, times), trouble.start, trouble.end)
            bins = [BEGINS_S + n * BIN_S for n in range(round(LOAD_S / BIN_S) - 1)]
            sent = [readings.sent(run, at, at + BIN_S) for at in bins]
            rate.step([*bins, bins[-1] + BIN_S], [*sent, sent[-1]], where="post", color=chart.BLUE, lw=1.6)
            rows = run.requests(readings.LINK)
            ends = [(r.sent, min(PATIENCE_S, (r.done or run.info.seconds) - r.sent)) for r in rows]
            times.plot(*zip(*ends, strict=True), color=chart.BLUE, marker=".", ms=3, ls="none")
            chart.log_seconds(times, 0.0003, 2)
            p95 = stats.percentile(readings.times(run, WARM_S), 95)
            told = f"from second {WARM_S:g} on: {chart.percent(late(run))}\nslower than 0.5 s, p95 {chart.seconds(p95)}"
            chart.write_near(times, (BEGINS_S, 0.004), (0, 0), told, chart.BLACK, rim=True)
            times.set_xlim(0, BEGINS_S + LOAD_S)
            times.set_xlabel("time (s)")
        grid[0][0].set_ylim(0, None)
        chart.end_labels(grid[1][-1], [chart.bound(grid[1][-1], PATIENCE_S, "patience\n1 s")])
    return Chart(figure, chart.stories(list(runs), list(runs.values()), _story))


def late(run: Run) -> float:
    """The share of a load model's requests that are slow."""
    times = readings.times(run, WARM_S)
    return sum(seconds > SLOW_S for seconds in times) / len(times)


def _story(run: Run) -> str:
    before, during = readings.sent(run, WARM_S, stats.fault_windows(run)[0].start), readings.rates(run)[1]
    p95 = chart.seconds(stats.percentile(readings.times(run, WARM_S), 95))
    slow = f"{chart.percent(late(run))} of its requests took more than half a second, p95 {p95}"
    return f"{before:.0f} requests a second before payments hangs, {during:.0f} meanwhile; {slow}"


def knee(curve: Sequence[tuple[float, float]], stated: Mapping[str, float], truth: float) -> Chart:
    """Confirmed against offered orders; and what each method states as the capacity, beside the truth."""
    margins = {"left": 0.075, "right": 0.97, "top": 0.9, "bottom": 0.13, "wspace": 0.75}
    with chart.frame(3.9, 1, 2, **margins) as (figure, [[axes, bars]]):
        most = max(rate for rate, _ in curve)
        chart.write_above(axes, 0, "orders confirmed, a second", 5, fontsize=10)
        axes.plot([0, truth * 1.5], [0, truth * 1.5], color=chart.GREY, lw=1.1, ls=chart.DOTTED)
        chart.write_near(axes, (truth * 1.4, truth * 1.4), (5, -3), "all that is offered", chart.GREY)
        axes.plot(*zip(*curve, strict=True), color=chart.BLUE, marker="o", ms=5)
        axes.axhline(truth, color=chart.BLACK, lw=1.1, ls=chart.DASHED)
        chart.write_near(axes, (most, truth), (0, 4), f"capacity {truth:.1f}", chart.BLACK, ha="right")
        axes.set(xlim=(0, most * 1.03), ylim=(0, truth * 1.6))
        axes.set_xlabel("orders offered, a second")
        names, shown = list(stated), max(truth, *(value for value in stated.values() if not math.isnan(value)))
        chart.rows_of(bars, names)
        chart.write_above(bars, 0, "capacity stated, orders a second", 5, fontsize=10)
        for row, name in enumerate(names):
            value = stated[name]
            if math.isnan(value):
                chart.write_beside(bars, 0, row, "none in time")
                continue
            near = abs(value / truth - 1) <= 0.07
            bars.barh(row, value, height=0.55, color=chart.BLUE if near else chart.ORANGE)
            chart.write_beside(bars, max(truth, value), row, f"{value:.1f}")
        bars.axvline(truth, color=chart.BLACK, lw=1.1, ls=chart.DASHED)
        bars.set_xlim(0, shown * 1.16)
    told = "; ".join(f"{name}: {value:.1f}" for name, value in stated.items())
    return Chart(
        figure, f"The shop confirms at most {truth:.1f} orders a second, however many are offered. Stated by {told}."
    )
