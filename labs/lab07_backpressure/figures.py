"""The pictures that only this lab draws: the flow through the API over time, and goodput against the bound of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labs.kit import Chart, Run, chart, stats
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.scenarios import CAPACITY, PATIENCE_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIN_S = 0.5
HEARD = 0.99
"""From this share of the patience on, the 95th percentile is of callers who heard nothing."""
_Curve = tuple[list[float], str, dict[str, Any]]
"""Values a second of each bin, colour, look of the line; without a look it is an area."""


def flow(runs: Sequence[Run], titles: Sequence[str], capacity: float = CAPACITY) -> Chart:
    """One or two runs: what is offered, worked and answered in time each second, and how long jobs stood in the queue."""
    noisy = any(run.events("bulk job") for run in runs)
    whose = "a shop's job" if noisy else "a job"
    counted = "requests a second, by when they were asked" if noisy else "requests a second"
    margins = {"left": 0.075, "right": 0.84, "top": 0.86, "bottom": 0.095, "hspace": 0.3, "wspace": 0.1}
    with chart.columns(5.6, titles, (3, 3), **margins) as (figure, grid):
        chart.write_above(grid[0][0], 0, counted, 5, fontsize=10)
        chart.write_above(grid[1][0], 0, f"queue wait of {whose} when its work began (s)", 5, fontsize=10)
        for run, (rates, queue) in zip(runs, grid.T, strict=True):
            labels = _draw_curves(rates, run, _shares(run) if noisy else _rates(run), capacity)
            _draw_waits(queue, run)
            queue.set_xlim(0, run.info.load_s)
            queue.set_xlabel("time (s)")
        grid[0][0].set_ylim(0, max(axes.get_ylim()[1] for axes in grid[0]) * 1.05)
        longest = max([PATIENCE_S, *(wait.seconds for run in runs for wait in readings.waits(run))])
        grid[1][0].set_ylim(0, longest * 1.12)
        chart.end_labels(grid[0][-1], labels)
        chart.end_labels(grid[1][-1], [(PATIENCE_S, "patience 1 s:\nabove it, done\nfor nobody", chart.BLACK)])
    return Chart(figure, chart.stories(titles, runs, _story))


def _rates(run: Run) -> dict[str, _Curve]:
    """What was asked for, what was taken in, made, and answered in time."""
    asked = _a_second(run, [r.intended for r in run.requests()])
    taken = _a_second(run, [r.intended for r in run.requests() if readings.went_in(r)])
    made = _a_second(run, [r.done for r in readings.renders(run) if r.done is not None])
    good = _a_second(run, [r.done for r in run.requests() if r.ok and r.done is not None])
    return {
        "area": (asked, chart.GREY, {}),
        "offered": (asked, chart.GREY, {"lw": 1.2}),
        "accepted": (taken, chart.PURPLE, {"lw": 1.4, "ls": chart.DOTTED}),
        "labels made": (made, chart.ORANGE, {"lw": 4.5, "solid_capstyle": "round"}),
        "answered in time": (good, chart.BLUE, {"lw": 1.8}),
    }


def _shares(run: Run) -> dict[str, _Curve]:
    """What the shops and the noisy client asked for, and how much of it they got in time, by when they asked."""
    served = readings.served(run)
    shops = [(r.intended, r.ok) for r in run.requests()]
    noisy = [(r.sent, r.request_id in served) for r in run.requests("bulk->api") if r.attempt == 1]
    asked = [_a_second(run, [at for at, _ in some]) for some in (shops, noisy)]
    got = [_a_second(run, [at for at, good in some if good]) for some in (shops, noisy)]
    return {
        "shops ask (area)": (asked[0], chart.BLUE, {}),
        "noisy client asks": (asked[1], chart.GREY, {"lw": 1.2, "ls": chart.DOTTED, "zorder": 1.8}),
        "shops, in time": (got[0], chart.BLUE, {"lw": 2.2}),
        "noisy client, in time": (got[1], chart.ORANGE, {"lw": 1.8, "zorder": 1.9}),
    }


def _draw_curves(axes: Axes, run: Run, curves: dict[str, _Curve], capacity: float) -> list[chart.Label]:
    """Draw curves and the capacity; returns their labels, each at the mean of its last two seconds."""
    middles = [(b + 0.5) * BIN_S for b in range(round(run.info.load_s / BIN_S))]
    labels = []
    for name, (values, colour, look) in curves.items():
        if look:
            axes.plot(middles, values, color=colour, **look)
        else:
            axes.fill_between(middles, values, color=colour, alpha=0.18, lw=0)
        if name != "area":
            labels.append((sum(values[-4:]) / len(values[-4:]), name, colour))
    labels.insert(2, chart.bound(axes, capacity, f"capacity {capacity:g}", zorder=2))
    return labels


def _a_second(run: Run, times: Sequence[float]) -> list[float]:
    """How many of the times fall into each bin, a second."""
    bins = range(round(run.info.load_s / BIN_S))
    return [sum(b * BIN_S <= t < (b + 1) * BIN_S for t in times) / BIN_S for b in bins]


def _draw_waits(axes: Axes, run: Run) -> None:
    for served, colour, mark in ((True, chart.BLUE, "o"), (False, chart.VERMILLION, "x")):
        points = [wait for wait in readings.waits(run) if wait.served == served]
        axes.scatter([p.at for p in points], [p.seconds for p in points], s=9, color=colour, marker=mark, linewidths=0.8)
    chart.bound(axes, PATIENCE_S, "", zorder=2)


def _story(run: Run) -> str:
    asked = stats.user_requests(run)
    if not asked:
        return ", ".join(filter(None, ("nothing was asked for", run.why_not)))
    refused = sum(r.status in readings.REFUSED for r in asked)
    longest = max((wait.seconds for wait in readings.waits(run)), default=0.0)
    good = sum(r.ok for r in asked)
    errors = sum(readings.failed(r) for r in asked)
    erred = f", {chart.percent(errors / len(asked))} got an error" if errors else ""
    jobs = readings.bulk(run)
    done = f"{chart.percent(jobs['done'] / jobs.total())} were done" if jobs else ""
    noisy = f"; of {jobs.total()} jobs of the noisy client {done}" if jobs else ""
    return (
        f"of {len(asked)} requests of the shops {chart.percent(good / len(asked))} were answered in time and"
        f" {chart.percent(refused / len(asked))} refused{erred}; a job stood in the queue for up to {chart.seconds(longest)}"
        f"{noisy}"
    )


@dataclass(frozen=True)
class Bound:
    """What one bound of the queue gave: answers in time a second, and the 95th percentile of the seconds to a yes or no."""

    places: int
    goodput: float
    word_s: float


def curve(points: Sequence[Bound], predicted: tuple[int, float] | None = None) -> Chart:
    """Goodput against the bound of the queue, and how long callers waited for a yes or no.

    Args:
        predicted: (bound, answers a second) that the learner expects.
    """
    useful = PATIENCE_S * CAPACITY
    xs = [p.places for p in points]
    margins = {"left": 0.075, "right": 0.84, "top": 0.92, "bottom": 0.105, "hspace": 0.3}
    with chart.frame(5.2, 2, sharex=True, **margins) as (figure, [[good], [word]]):
        good.plot(xs, [p.goodput for p in points], color=chart.BLUE, marker="o")
        heard = [p for p in points if p.word_s < HEARD * PATIENCE_S]
        silent = [p.places for p in points if p.word_s >= HEARD * PATIENCE_S]
        word.plot([p.places for p in heard], [p.word_s for p in heard], color=chart.PURPLE, marker="o")
        word.plot(silent, [PATIENCE_S] * len(silent), color=chart.PURPLE, marker="o", mfc="white", ls="none")
        if silent:
            chart.write_near(word, (silent[-1], PATIENCE_S), (0, -15), "heard nothing", chart.PURPLE, ha="right")
        if predicted:
            good.plot([predicted[0]], [predicted[1]], color=chart.ORANGE, marker="D", ms=9, ls="none")
            chart.write_near(good, predicted, (9, 0), "your prediction", chart.ORANGE, va="center")
        capacity = chart.bound(good, CAPACITY, f"capacity {CAPACITY:g}", zorder=2)
        patience = chart.bound(word, PATIENCE_S, "patience 1 s", zorder=2)
        for axes in (good, word):
            axes.axvline(useful, color=chart.GREY, lw=1.1, ls=chart.DOTTED)
        chart.log_sizes(word, xs)
        good.set_ylim(0, max(CAPACITY, *(p.goodput for p in points)) * 1.15)
        word.set_ylim(0, 1.2 * PATIENCE_S)
        word.set_xlabel("bound of the queue (jobs, log scale)")
        waited = "95% of callers heard yes or no within (s); open: more than 5% heard nothing"
        chart.write_above(good, 0, "answers in time, a second", 5, fontsize=10)
        chart.write_above(word, 0, waited, 5, fontsize=10)
        chart.write_near(word, (useful, 0.06), (6, 0), f"patience x capacity = {useful:g} jobs", chart.GREY)
        chart.end_labels(good, [capacity])
        chart.end_labels(word, [patience])
    told = ", ".join(f"bound {p.places:,}: {p.goodput:.0f} a second" for p in points)
    return Chart(figure, f"Answers in time against the bound of the queue, at more than the capacity: {told}.")
