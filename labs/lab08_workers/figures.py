"""The pictures that only this lab draws: a run of the shop over time, and throughput against the number of workers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart, record, stats
from labs.lab08_workers import readings, usl
from labs.lab08_workers.checks import SOON_S
from labs.lab08_workers.rendering import CORES
from labs.lab08_workers.scenarios import CAPACITY, RUSH_RATE

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SMALLEST_S, _NEVER_S = 0.001, 12.0
"""Where the quickest answers are drawn, and the requests without a good one."""
_PROMISE = "delivered must reach answered yes"
_TO_SEE = {"rush": f"delivered can grow by {CAPACITY:g} a second at most"}


def shop(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two runs: request times of each route above; below, orders taken in and invoices delivered so far.

    A cross at the top of the upper panel is a request that got no good answer.
    """
    shown = "request time (log scale): below the dashed line is good; x: no good answer"
    margins = {"left": 0.08, "right": 0.835, "top": 0.86, "bottom": 0.095, "hspace": 0.3, "wspace": 0.1}
    with chart.columns(5.6, titles, (3, 3), **margins) as (figure, grid):
        for run, (times, jobs) in zip(runs, grid.T, strict=True):
            goal = _draw_times(times, run)
            ends = _draw_jobs(jobs, run)
            jobs.set_xlim(0, run.info.seconds)
            for at in readings.kill_times(run):
                for axes in (times, jobs):
                    axes.axvline(at, color=chart.VERMILLION, lw=1.1, ls=chart.DOTTED)
            jobs.set_xlabel("time (s)")
        chart.write_above(grid[0][0], 0, shown, 5, fontsize=10)
        first = runs[0].info.scenario
        chart.write_above(grid[1][0], 0, f"orders so far: {_TO_SEE.get(first, _PROMISE)}", 5, fontsize=10)
        grid[1][0].set_ylim(0, max(len(readings.orders(run)) for run in runs) * 1.08)
        order = (_middle(readings.orders(runs[-1])), "order", chart.ORANGE)
        cheap = (_middle(readings.cheap(runs[-1])), "health, status", chart.BLUE)
        chart.end_labels(grid[0][-1], [goal, order, cheap])
        if any(readings.kill_times(run) for run in runs):
            ends.append((0.0, "dotted red:\nkilled", chart.VERMILLION))
        chart.end_labels(grid[1][-1], ends)
    return Chart(figure, chart.stories(titles, runs, _story))


def _answered(request: record.Request) -> bool:
    return request.latency is not None and 200 <= request.status < 500


def _middle(requests: Sequence[record.Request]) -> float:
    """The median of what is drawn of some requests, for a label beside it."""
    drawn = [max(r.latency or 0.0, _SMALLEST_S) if _answered(r) else _NEVER_S for r in requests]
    return stats.percentile(drawn, 50) if drawn else _NEVER_S


def _draw_times(axes: Axes, run: Run) -> chart.Label:
    """Draw each request at its time; returns the label of the objective."""
    for chosen, colour in ((readings.orders(run), chart.ORANGE), (readings.cheap(run), chart.BLUE)):
        good = [r for r in chosen if _answered(r)]
        times = [max(r.latency or 0, _SMALLEST_S) for r in good]
        axes.scatter([r.intended for r in good], times, s=9, color=colour, lw=0)
        bad = [r for r in chosen if r not in good]
        axes.scatter([r.intended for r in bad], [_NEVER_S] * len(bad), s=14, color=colour, marker="x", linewidths=0.9)
    axes.set_yscale("log")
    axes.set_ylim(_SMALLEST_S * 0.7, _NEVER_S * 1.8)
    axes.set_yticks([0.001, 0.01, 0.1, 1, 10], ["1 ms", "10 ms", "0.1 s", "1 s", "10 s"])
    return chart.bound(axes, SOON_S, f"objective {1000 * SOON_S:.0f} ms", zorder=2)


def _draw_jobs(axes: Axes, run: Run) -> list[chart.Label]:
    """Draw how many orders came, heard yes, and were delivered so far; returns a label of each."""
    asked, end = readings.orders(run), run.info.seconds
    lines = {
        "ordered": ([r.intended for r in asked], chart.GREY, 1.2),
        "answered yes": ([(r.done or 0.0) for r in asked if r.ok], chart.PURPLE, 3.6),
        "delivered": (list(readings.delivered(run).values()), chart.GREEN, 1.8),
    }
    for times, colour, width in lines.values():
        counts = [*range(len(times) + 1), len(times)]
        axes.step([0.0, *sorted(times), end], counts, where="post", color=colour, lw=width)
    return [(float(len(times)), name, colour) for name, (times, colour, _) in lines.items()]


def _story(run: Run) -> str:
    asked, cheap = readings.orders(run), readings.cheap(run)
    delivered = len(readings.delivered(run))
    return (
        f"of {len(asked)} orders {sum(r.ok for r in asked)} were answered yes and {delivered} invoices delivered by the end;"
        f" {chart.percent(readings.soon(cheap, SOON_S))} of the requests for health and status were answered within"
        f" {1000 * SOON_S:.0f} ms"
    )


@dataclass(frozen=True)
class Curve:
    """Throughput by number of workers. `cost` is worker-seconds an invoice, where it is known."""

    name: str
    made: Mapping[int, float]
    colour: str
    mark: str = "o"


def scaling(compute: Sequence[Curve], wait: Sequence[Curve], predicted: float | None = None) -> Chart:
    """Throughput against workers: computing on the left, waiting on the right; below, worker-seconds an invoice.

    The Universal Scalability Law is fitted to each curve and drawn through it, dashed; a ring marks the knee, the fewest
    workers within a tenth of the best.

    Args:
        predicted: the number of processes at which the learner expects the knee of computing.
    """
    margins = {"left": 0.07, "right": 0.86, "top": 0.9, "bottom": 0.09, "hspace": 0.28, "wspace": 0.62}
    with chart.frame(6.2, 2, 2, sharex="col", height_ratios=[3, 2], **margins) as (figure, grid):
        labels = []
        for (above, below), curves, work in zip(
            grid.T, (compute, wait), ("computing, 100 ms a job", "waiting, 0.2 s a job"), strict=True
        ):
            head = f"{work}: no more after {max(usl.knee(curve.made) for curve in curves)}"
            _draw_curves(above, below, curves)
            chart.write_above(above, 0, head, 20, fontsize=11.5, fontweight="bold")
            chart.write_above(above, 0, "invoices a second", 5, fontsize=10)
            chart.write_above(below, 0, "worker-seconds an invoice", 5, fontsize=10)
            below.set_xlabel("workers (log scale)")
            labels.append([(c.made[max(c.made)], c.name, c.colour) for c in curves])
        computing, waiting = grid[0]
        cores = chart.bound(computing, CAPACITY, f"{CORES} cores: {CAPACITY:g}", zorder=2)
        if predicted is not None:
            computing.axvline(predicted, color=chart.ORANGE, lw=1.4, ls=chart.DOTTED)
            chart.write_near(computing, (predicted, 1.0), (4, 0), "your\nprediction", chart.ORANGE, fontsize=9)
        chart.end_labels(computing, [cores, *labels[0]])
        offered = RUSH_RATE / 2
        asked = chart.bound(waiting, offered, f"asked for: {offered:g}", zorder=2)
        waiting.set_ylim(top=offered * 1.15)
        chart.end_labels(waiting, [asked, *labels[1]])
    told = [_told(curve, "computing") for curve in compute] + [_told(curve, "waiting") for curve in wait]
    return Chart(figure, f"Invoices a second against workers. {'; '.join(told)}.")


def machine(made: Mapping[str, Mapping[int, float]], job_s: float) -> Chart:
    """What pools of this machine made: jobs a second by size of the pool. A ring marks the knee of each."""
    looks = ((chart.BLUE, "o"), (chart.VERMILLION, "s"), (chart.GREEN, "^"))
    sizes = sorted({n for points in made.values() for n in points})
    margins = {"left": 0.06, "right": 0.83, "top": 0.8, "bottom": 0.14, "wspace": 0.75}
    # Two axes: waiting makes many times what computing does, and on one axis that would lie on zero.
    with chart.frame(3.9, 1, 2, **margins) as (figure, [columns]):
        for axes, work in zip(columns, ("compute", "wait"), strict=True):
            ends = []
            for (name, points), (colour, mark) in zip(made.items(), looks, strict=True):
                if name.endswith(work):
                    xs = sorted(points)
                    axes.plot(xs, [points[n] for n in xs], color=colour, marker=mark, ms=6)
                    _ring(axes, points, colour)
                    ends.append((points[xs[-1]], name.replace(" that ", "\nthat "), colour))
            chart.log_sizes(axes, sizes)
            axes.set_ylim(0, axes.get_ylim()[1] * 1.1)
            axes.set_xlabel("workers (log scale)")
            chart.end_labels(axes, ends)
        chart.write_above(columns[0], 0, "your machine; ringed: the knee", 22, fontsize=11.5, fontweight="bold")
        chart.write_above(columns[0], 0, f"jobs of {1000 * job_s:.0f} ms a second", 5, fontsize=10)
    told = "; ".join(f"{name}: {max(p.values()):.0f} at best, knee at {usl.knee(p)}" for name, p in made.items())
    return Chart(figure, f"Jobs a second of this machine's own pools against their size. {told}.")


def _draw_curves(above: Axes, below: Axes, curves: Sequence[Curve]) -> None:
    sizes = sorted({n for curve in curves for n in curve.made})
    for curve in curves:
        xs = sorted(curve.made)
        law = usl.fit(curve.made)
        fine = [xs[0] * (xs[-1] / xs[0]) ** (i / 60) for i in range(61)]
        above.plot(fine, [law.throughput(n) for n in fine], color=curve.colour, lw=1.3, ls=chart.DASHED)
        above.plot(xs, [curve.made[n] for n in xs], color=curve.colour, marker=curve.mark, ls="none", ms=6)
        _ring(above, curve.made, curve.colour)
        below.plot(xs, [n / curve.made[n] for n in xs], color=curve.colour, marker=curve.mark, ms=5)
    for axes in (above, below):
        axes.set_ylim(bottom=0)
    chart.log_sizes(below, sizes)
    above.set_ylim(0, above.get_ylim()[1] * 1.08)


def _ring(axes: Axes, made: Mapping[int, float], colour: str) -> None:
    """A ring round the knee."""
    at = usl.knee(made)
    axes.plot([at], [made[at]], marker="o", ms=13, mfc="none", mec=colour, mew=1.6)


def _told(curve: Curve, work: str) -> str:
    law, at = usl.fit(curve.made), usl.knee(curve.made)
    return (
        f"{work} in {curve.name}: {curve.made[1]:.1f} with one and {max(curve.made.values()):.1f} at best, knee at {at},"
        f" fitted contention {law.contention:.2f} and coherence {law.coherence:.3f}"
    )
