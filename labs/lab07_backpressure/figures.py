"""The pictures that only this lab draws: the flow through the API over time, and goodput against the bound of the queue."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart, stats
from labs.lab07_backpressure import readings
from labs.lab07_backpressure.scenarios import CAPACITY, PATIENCE_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIN_S = 0.5
HEARD = 0.99
"""From this share of the patience on, the 95th percentile is of callers who heard nothing."""
_DASHED, _DOTTED = (0, (6, 2)), (0, (2, 2))


def flow(runs: Sequence[Run], titles: Sequence[str], capacity: float = CAPACITY) -> Chart:
    """One or two runs: what is offered, worked and answered in time each second, and how long jobs stood in the queue."""
    noisy = any(run.events("bulk job") for run in runs)
    whose = "a shop's job" if noisy else "a job"
    with chart.settings():
        figure = chart.new_figure(5.6)
        grid = figure.subplots(2, len(runs), sharex="col", sharey="row", squeeze=False, height_ratios=[3, 3])
        figure.subplots_adjust(left=0.075, right=0.84, top=0.86, bottom=0.095, hspace=0.3, wspace=0.1)
        for column, run in enumerate(runs):
            rates, queue = grid[:, column]
            for axes in (rates, queue):
                axes.set_xlim(0, run.info.load_s)
            _draw_shares(rates, run, capacity) if noisy else _draw_rates(rates, run, capacity)
            _draw_waits(queue, run)
            queue.set_xlabel("time (s)")
            chart.write_above(rates, 0, titles[column], 22, fontsize=11.5, fontweight="bold")
            if column == 0:
                counted = "requests a second, by when they were asked" if noisy else "requests a second"
                chart.write_above(rates, 0, counted, 5, fontsize=10)
                chart.write_above(queue, 0, f"queue wait of {whose} when its work began (s)", 5, fontsize=10)
        top = max(axes.get_ylim()[1] for axes in grid[0])
        for axes in grid[0]:
            axes.set_ylim(0, top * 1.05)
        longest = max([PATIENCE_S, *(wait.seconds for run in runs for wait in readings.waits(run))])
        for axes in grid[1]:
            axes.set_ylim(0, longest * 1.12)
        last_run = runs[-1]
        chart.end_labels(grid[0][-1], _share_labels(last_run, capacity) if noisy else _rate_labels(last_run, capacity))
        chart.end_labels(grid[1][-1], [(PATIENCE_S, "patience 1 s:\nabove it, done\nfor nobody", chart.BLACK)])
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
    """What was asked for, what was taken in, made, and answered in time."""
    asked = [r.intended for r in run.requests()]
    taken = [r.intended for r in run.requests() if readings.went_in(r)]
    made = [r.done for r in readings.renders(run) if r.done is not None]
    good = [r.done for r in run.requests() if r.ok and r.done is not None]
    return _Rates(_bins(run), *(_a_second(run, times) for times in (asked, taken, made, good)))


def _bins(run: Run) -> list[float]:
    """The middles of the bins of BIN_S."""
    return [(b + 0.5) * BIN_S for b in range(round(run.info.load_s / BIN_S))]


def _a_second(run: Run, times: Sequence[float]) -> list[float]:
    """How many of the times fall into each bin, a second."""
    bins = range(round(run.info.load_s / BIN_S))
    return [sum(b * BIN_S <= t < (b + 1) * BIN_S for t in times) / BIN_S for b in bins]


def _draw_rates(axes: Axes, run: Run, capacity: float) -> None:
    rates = _rates(run)
    axes.fill_between(rates.times, rates.offered, color=chart.GREY, alpha=0.18, lw=0)
    axes.plot(rates.times, rates.offered, color=chart.GREY, lw=1.2)
    axes.plot(rates.times, rates.accepted, color=chart.PURPLE, lw=1.4, ls=_DOTTED)
    axes.plot(rates.times, rates.made, color=chart.ORANGE, lw=4.5, solid_capstyle="round")
    axes.plot(rates.times, rates.in_time, color=chart.BLUE, lw=1.8)
    axes.axhline(capacity, color=chart.BLACK, lw=1.1, ls=_DASHED)


@dataclass(frozen=True)
class _Shares:
    shops: list[float]
    shops_served: list[float]
    noisy: list[float]
    noisy_served: list[float]


def _shares(run: Run) -> _Shares:
    """What the shops and the noisy client asked for, and how much of it they got in time, by when they asked."""
    served = readings.served(run)
    shops = [(r.intended, r.ok) for r in run.requests()]
    noisy = [(r.sent, r.request_id in served) for r in run.requests("bulk->api") if r.attempt == 1]
    return _Shares(
        _a_second(run, [at for at, _ in shops]),
        _a_second(run, [at for at, good in shops if good]),
        _a_second(run, [at for at, _ in noisy]),
        _a_second(run, [at for at, good in noisy if good]),
    )


def _draw_shares(axes: Axes, run: Run, capacity: float) -> None:
    times, shares = _bins(run), _shares(run)
    axes.fill_between(times, shares.shops, color=chart.BLUE, alpha=0.18, lw=0)
    axes.plot(times, shares.noisy, color=chart.GREY, lw=1.2, ls=_DOTTED)
    axes.plot(times, shares.noisy_served, color=chart.ORANGE, lw=1.8)
    axes.plot(times, shares.shops_served, color=chart.BLUE, lw=2.2)
    axes.axhline(capacity, color=chart.BLACK, lw=1.1, ls=_DASHED)


def _share_labels(run: Run, capacity: float) -> list[chart.Label]:
    shares = _shares(run)

    def last(values: list[float]) -> float:
        return sum(values[-4:]) / len(values[-4:])

    return [
        (last(shares.noisy), "noisy client asks", chart.GREY),
        (capacity, f"capacity {capacity:g}", chart.BLACK),
        (last(shares.shops), "shops ask (area)", chart.BLUE),
        (last(shares.shops_served), "shops, in time", chart.BLUE),
        (last(shares.noisy_served), "noisy client, in time", chart.ORANGE),
    ]


def _rate_labels(run: Run, capacity: float) -> list[chart.Label]:
    rates = _rates(run)
    tail = slice(-4, None)

    def last(values: list[float]) -> float:
        return sum(values[tail]) / len(values[tail])

    return [
        (last(rates.offered), "offered", chart.GREY),
        (last(rates.accepted), "accepted", chart.PURPLE),
        (capacity, f"capacity {capacity:g}", chart.BLACK),
        (last(rates.made), "labels made", chart.ORANGE),
        (last(rates.in_time), "answered in time", chart.BLUE),
    ]


def _draw_waits(axes: Axes, run: Run) -> None:
    for served, colour, mark in ((True, chart.BLUE, "o"), (False, chart.VERMILLION, "x")):
        points = [wait for wait in readings.waits(run) if wait.served == served]
        axes.scatter([p.at for p in points], [p.seconds for p in points], s=9, color=colour, marker=mark, linewidths=0.8)
    axes.axhline(PATIENCE_S, color=chart.BLACK, lw=1.1, ls=_DASHED)


def _story(run: Run) -> str:
    asked = stats.user_requests(run)
    if not asked:
        return f"nothing was asked for, the run ended early ({run.info.status})"
    refused = sum(r.status in readings.REFUSED for r in asked)
    longest = max((wait.seconds for wait in readings.waits(run)), default=0.0)
    good = sum(r.ok for r in asked)
    errors = sum(readings.failed(r) for r in asked)
    erred = f", {chart.percent(errors / len(asked))} got an error" if errors else ""
    jobs = readings.bulk(run)
    noisy = (
        f"; of {jobs.total()} jobs of the noisy client {chart.percent(jobs['done'] / jobs.total())} were done"
        if jobs
        else ""
    )
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
    with chart.settings():
        figure = chart.new_figure(5.2)
        good, word = figure.subplots(2, 1, sharex=True)
        figure.subplots_adjust(left=0.075, right=0.84, top=0.92, bottom=0.105, hspace=0.3)
        good.plot(xs, [p.goodput for p in points], color=chart.BLUE, marker="o")
        heard = [p for p in points if p.word_s < HEARD * PATIENCE_S]
        silent = [p for p in points if p.word_s >= HEARD * PATIENCE_S]
        word.plot([p.places for p in heard], [p.word_s for p in heard], color=chart.PURPLE, marker="o")
        word.plot(
            [p.places for p in silent], [PATIENCE_S] * len(silent), color=chart.PURPLE, marker="o", mfc="white", ls="none"
        )
        if silent:
            word.annotate(
                "heard nothing", (silent[-1].places, PATIENCE_S), xytext=(0, -15), textcoords="offset points", ha="right",
                fontsize=9.5, color=chart.ink(chart.PURPLE),
            )  # fmt: skip
        if predicted:
            good.plot([predicted[0]], [predicted[1]], color=chart.ORANGE, marker="D", ms=9, ls="none")
            good.annotate(
                "your prediction", predicted, xytext=(9, 0), textcoords="offset points", va="center", fontsize=9.5,
                color=chart.ink(chart.ORANGE),
            )  # fmt: skip
        good.axhline(CAPACITY, color=chart.BLACK, lw=1.1, ls=_DASHED)
        word.axhline(PATIENCE_S, color=chart.BLACK, lw=1.1, ls=_DASHED)
        for axes in (good, word):
            axes.set_xscale("log")
            axes.axvline(useful, color=chart.GREY, lw=1.1, ls=_DOTTED)
            axes.set_xlim(min(xs) * 0.8, max(xs) * 1.25)
        good.set_ylim(0, max(CAPACITY, *(p.goodput for p in points)) * 1.15)
        word.set_ylim(0, 1.2 * PATIENCE_S)
        word.set_xticks(xs, [f"{x:,}" for x in xs])
        word.set_xticks([], minor=True)
        word.set_xlabel("bound of the queue (jobs, log scale)")
        chart.write_above(good, 0, "answers in time, a second", 5, fontsize=10)
        chart.write_above(
            word, 0, "95% of callers heard yes or no within (s); open: more than 5% heard nothing", 5, fontsize=10
        )
        word.annotate(
            f"patience x capacity = {useful:g} jobs", (useful, 0.06), xytext=(6, 0), textcoords="offset points",
            fontsize=9.5, color=chart.GREY,
        )  # fmt: skip
        chart.end_labels(good, [(CAPACITY, f"capacity {CAPACITY:g}", chart.BLACK)])
        chart.end_labels(word, [(PATIENCE_S, "patience 1 s", chart.BLACK)])
    told = ", ".join(f"bound {p.places:,}: {p.goodput:.0f} a second" for p in points)
    return Chart(figure, f"Answers in time against the bound of the queue, at more than the capacity: {told}.")
