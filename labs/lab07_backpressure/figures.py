"""The pictures that only this lab draws: the flow through the API over time, and goodput against the bound of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.kit import stats
from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, GREY, ORANGE, PURPLE, VERMILLION, Chart, percent, seconds
from labs.kit.record import Run
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.scenarios import CAPACITY, PATIENCE_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIN_S = 0.5
_DASHED, _DOTTED = (0, (6, 2)), (0, (2, 2))


def flow(runs: Sequence[Run], titles: Sequence[str], capacity: float = CAPACITY) -> Chart:
    """One or two runs: what is offered, worked and answered in time each second, and how long jobs stood in the queue."""
    with chart.settings():
        figure = chart.new_figure(5.6)
        grid = figure.subplots(2, len(runs), sharex="col", sharey="row", squeeze=False, height_ratios=[3, 3])
        figure.subplots_adjust(left=0.075, right=0.84, top=0.86, bottom=0.095, hspace=0.3, wspace=0.1)
        for column, run in enumerate(runs):
            rates, queue = grid[:, column]
            for axes in (rates, queue):
                axes.set_xlim(0, run.info.load_s)
            _draw_rates(rates, run, capacity)
            _draw_waits(queue, run)
            queue.set_xlabel("time (s)")
            chart.write_above(rates, 0, titles[column], 22, fontsize=11.5, fontweight="bold")
            if column == 0:
                chart.write_above(rates, 0, "requests a second", 5, fontsize=10)
                chart.write_above(queue, 0, "queue wait of a job when its work began (s)", 5, fontsize=10)
        top = max(axes.get_ylim()[1] for axes in grid[0])
        for axes in grid[0]:
            axes.set_ylim(0, top * 1.05)
        longest = max([PATIENCE_S, *(wait.seconds for run in runs for wait in _begun(run))])
        for axes in grid[1]:
            axes.set_ylim(0, longest * 1.12)
        last_run = runs[-1]
        chart.end_labels(grid[0][-1], _rate_labels(last_run, capacity))
        chart.end_labels(grid[1][-1], [(PATIENCE_S, "patience 1 s:\nabove it, done\nfor nobody", BLACK)])
    told = [f"{title}: {_story(run)}" for title, run in zip(titles, runs, strict=True)]
    return Chart(figure, "; ".join(told) + ".")


@dataclass(frozen=True)
class _Rates:
    times: list[float]
    offered: list[float]
    accepted: list[float]
    made: list[float]
    in_time: list[float]


def _rates(run: Run) -> _Rates:
    """In bins of BIN_S: of all clients: what was asked for, what was not refused, made, and answered in time."""
    bins = range(round(run.info.load_s / BIN_S))
    asked = [r.intended for r in run.requests()]
    taken = [r.intended for r in run.requests() if r.status not in readings.REFUSED]
    asked += [r.sent for r in run.requests("bulk->api") if r.attempt == 1]
    taken += [r.sent for r in run.requests("bulk->api") if r.status not in readings.REFUSED]
    made = [r.done for r in readings.renders(run) if r.done is not None]
    good = [r.done for link in ("load->api", "bulk->api") for r in run.requests(link) if r.ok and r.done is not None]

    def a_second(times: Sequence[float]) -> list[float]:
        return [sum(b * BIN_S <= t < (b + 1) * BIN_S for t in times) / BIN_S for b in bins]

    return _Rates([(b + 0.5) * BIN_S for b in bins], a_second(asked), a_second(taken), a_second(made), a_second(good))


def _draw_rates(axes: Axes, run: Run, capacity: float) -> None:
    rates = _rates(run)
    axes.fill_between(rates.times, rates.offered, color=GREY, alpha=0.18, lw=0)
    axes.plot(rates.times, rates.offered, color=GREY, lw=1.2)
    axes.plot(rates.times, rates.accepted, color=PURPLE, lw=1.4, ls=_DOTTED)
    axes.plot(rates.times, rates.made, color=ORANGE, lw=4.5, solid_capstyle="round")
    axes.plot(rates.times, rates.in_time, color=BLUE, lw=1.8)
    axes.axhline(capacity, color=BLACK, lw=1.1, ls=_DASHED)


def _rate_labels(run: Run, capacity: float) -> list[chart.Label]:
    rates = _rates(run)
    tail = slice(-4, None)

    def last(values: list[float]) -> float:
        return sum(values[tail]) / len(values[tail])

    return [
        (last(rates.offered), "offered", GREY),
        (last(rates.accepted), "accepted", PURPLE),
        (capacity, f"capacity {capacity:g}", BLACK),
        (last(rates.made), "labels made", ORANGE),
        (last(rates.in_time), "answered in time", BLUE),
    ]


def _begun(run: Run) -> list[readings.Wait]:
    return [wait for wait in readings.waits(run) if wait.at < run.info.load_s]


def _draw_waits(axes: Axes, run: Run) -> None:
    for served, colour, mark in ((True, BLUE, "o"), (False, VERMILLION, "x")):
        points = [wait for wait in _begun(run) if wait.served == served]
        axes.scatter([p.at for p in points], [p.seconds for p in points], s=9, color=colour, marker=mark, linewidths=0.8)
    axes.axhline(PATIENCE_S, color=BLACK, lw=1.1, ls=_DASHED)


def _story(run: Run) -> str:
    asked = stats.user_requests(run)
    if not asked:
        return f"nothing was asked for, the run ended early ({run.info.status})"
    refused = sum(r.status in readings.REFUSED for r in asked)
    longest = max((wait.seconds for wait in _begun(run)), default=0.0)
    good = sum(r.ok for r in asked)
    return (
        f"of {len(asked)} requests of the shops {percent(good / len(asked))} were answered in time and"
        f" {percent(refused / len(asked))} refused; a job stood in the queue for up to {seconds(longest)}"
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
    with chart.settings():
        figure = chart.new_figure(5.2)
        good, word = figure.subplots(2, 1, sharex=True)
        figure.subplots_adjust(left=0.075, right=0.84, top=0.92, bottom=0.105, hspace=0.3)
        good.plot(xs, [p.goodput for p in points], color=BLUE, marker="o")
        word.plot(xs, [p.word_s for p in points], color=PURPLE, marker="o")
        if predicted:
            good.plot([predicted[0]], [predicted[1]], color=ORANGE, marker="D", ms=9, ls="none")
            good.annotate(
                "your prediction", predicted, xytext=(9, 0), textcoords="offset points", va="center", fontsize=9.5,
                color=chart.ink(ORANGE),
            )  # fmt: skip
        good.axhline(CAPACITY, color=BLACK, lw=1.1, ls=_DASHED)
        word.axhline(PATIENCE_S, color=BLACK, lw=1.1, ls=_DASHED)
        for axes in (good, word):
            axes.set_xscale("log")
            axes.axvline(useful, color=GREY, lw=1.1, ls=_DOTTED)
            axes.set_xlim(min(xs) * 0.8, max(xs) * 1.25)
        good.set_ylim(0, max(CAPACITY, *(p.goodput for p in points)) * 1.15)
        word.set_ylim(0, 1.2 * PATIENCE_S)
        word.set_xticks(xs, [f"{x:,}" for x in xs])
        word.set_xticks([], minor=True)
        word.set_xlabel("bound of the queue (jobs, log scale)")
        chart.write_above(good, 0, "answers in time, a second", 5, fontsize=10)
        chart.write_above(word, 0, "95% of callers heard yes or no within (s)", 5, fontsize=10)
        word.annotate(
            f"patience x capacity = {useful:g} jobs", (useful, 0.06), xytext=(6, 0), textcoords="offset points",
            fontsize=9.5, color=GREY,
        )  # fmt: skip
        chart.end_labels(good, [(CAPACITY, f"capacity {CAPACITY:g}", BLACK)])
        chart.end_labels(word, [(PATIENCE_S, "patience 1 s", BLACK)])
    told = ", ".join(f"bound {p.places:,}: {p.goodput:.0f} a second" for p in points)
    return Chart(figure, f"Answers in time against the bound of the queue, at more than the capacity: {told}.")
