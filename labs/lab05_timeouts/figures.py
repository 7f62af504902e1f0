"""The figure of this lab: request times of the healthy routes above, what is under way in the storefront below."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Any

from labs.kit import stats
from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, GREY, ORANGE, VERMILLION, Chart, percent, seconds
from labs.kit.record import Run
from labs.kit.verdict import Status
from labs.lab05_timeouts.checks import PROMISE_S
from labs.lab05_timeouts.readings import HEALTHY, LINKS, in_time, most_under_way, requests, trouble
from labs.lab05_timeouts.scenarios import PATIENCE_S
from labs.lab05_timeouts.service import IN_FLIGHT

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACES = 100
"""Connections that one aiohttp session has at once, if nobody says otherwise."""


def flight(runs: Sequence[Run], titles: Sequence[str], watched: str = "recommendations") -> Chart:
    """Runs side by side: each checkout and search as a point, and under them what waits in the storefront.

    Args:
        runs: one to three.
        titles: what heads each column.
        watched: the service whose calls under way are drawn.
    """
    link = LINKS[watched]
    with chart.settings():
        figure = chart.new_figure(5.6)
        grid = figure.subplots(2, len(runs), sharex="col", sharey="row", squeeze=False)
        figure.subplots_adjust(left=0.075, right=0.835, top=0.865, bottom=0.15, hspace=0.3, wspace=0.08)
        _set_limits(grid, runs, link)
        kinds = set[str]().union(*map(_bad_ends, runs))
        for column, (run, title) in enumerate(zip(runs, titles, strict=True)):
            times, under_way = grid[:, column]
            last = column == len(runs) - 1
            _draw_times(times, run, kinds if last else None)
            _draw_under_way(under_way, run, link, watched, last)
            start, end = trouble(run)
            for axes in (times, under_way) if start > 0 else ():
                axes.axvspan(start, end, color=BLACK, alpha=0.1, lw=0, zorder=0.5)
            if start > 0:
                _name_trouble(times, run, (start + end) / 2)
            chart.write_above(times, 0, title, 24, fontsize=11.5, fontweight="bold")
            _write_origin(under_way, run)
    told = "; ".join(f"{title}: {_story(run, link, watched)}" for run, title in zip(runs, titles, strict=True))
    return Chart(figure, f"{told}.")


def _set_limits(grid: Any, runs: Sequence[Run], link: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    times, under_way = grid[0, 0], grid[1, 0]
    for column, run in enumerate(runs):
        grid[0, column].set_xlim(0, run.info.load_s)
    times.set_yscale("log")
    times.set_ylim(0.008, 5)
    times.yaxis.set_major_locator(LogLocator(base=10))
    times.yaxis.set_major_formatter(FuncFormatter(lambda value, _: seconds(value)))
    times.yaxis.set_minor_formatter(NullFormatter())
    most = max([s.value for run in runs for s in run.samples(IN_FLIGHT, "storefront") if s.time <= run.info.load_s] or [1])
    under_way.set_ylim(0, 1.1 * max(most, PLACES, *(most_under_way(run, link) for run in runs)))


def _bad_ends(run: Run) -> set[str]:
    """How checkouts and searches of a run ended badly: "error", "gone", both or neither."""
    return {"gone" if r.status == 0 else "error" for r in requests(run, HEALTHY) if not r.ok}


def _draw_times(axes: Axes, run: Run, kinds: set[str] | None) -> None:
    """The points of one run; with `kinds`, what ended badly in any of the runs, also the labels of all."""
    axes.set_title("time of checkout and search, log scale")
    axes.axhline(PROMISE_S, color=BLACK, lw=1.1, ls=(0, (6, 2)), zorder=1.5)
    chosen = requests(run, HEALTHY)
    good = [r for r in chosen if r.ok and r.latency is not None]
    errors = [r for r in chosen if not r.ok and r.status and r.latency is not None]
    gone = [r for r in chosen if r.status == 0]
    axes.scatter([r.intended for r in good], [r.latency or 0 for r in good], s=11, color=BLUE, lw=0, zorder=3)
    axes.scatter(
        [r.intended for r in errors], [r.latency or 0 for r in errors], s=24, c=ORANGE, marker="+", lw=1.2, zorder=3
    )
    axes.scatter([r.intended for r in gone], [PATIENCE_S] * len(gone), s=20, c=VERMILLION, marker="x", lw=1, zorder=3)
    if kinds is not None:
        labels = [(PROMISE_S, f"promised: {PROMISE_S:g} s", BLACK), (0.05, "answered", BLUE)]
        labels += [(PATIENCE_S, f"customer left\nafter {PATIENCE_S:g} s (x)", VERMILLION)] if "gone" in kinds else []
        labels += [(PROMISE_S / 2, "error (+)", ORANGE)] if "error" in kinds else []
        chart.end_labels(axes, labels)


def _draw_under_way(axes: Axes, run: Run, link: str, watched: str, label: bool) -> None:
    axes.set_title("under way in the storefront")
    axes.set_xlabel("seconds from the start of the load")
    axes.axhline(PLACES, color=BLACK, lw=1.1, ls=(0, (6, 2)), zorder=1.5)
    samples = [s for s in run.samples(IN_FLIGHT, "storefront") if 0 <= s.time <= run.info.load_s]
    axes.plot([s.time for s in samples], [s.value for s in samples], color=GREY, lw=1.6, ls=(0, (3, 1)))
    times, counts = _steps(run, link)
    axes.step(times, counts, where="post", color=ORANGE, lw=2)
    if label:
        labels = [(float(PLACES), f"one pool has\n{PLACES} places", BLACK), (counts[-1], f"calls to\n{watched}", ORANGE)]
        labels += [(samples[-1].value, "requests that are\nbeing served", GREY)] if samples else []
        chart.end_labels(axes, labels)


def _steps(run: Run, link: str) -> tuple[list[float], list[float]]:
    """How many calls are under way on a link, as steps: times and counts, up to the end of the load."""
    until = run.info.load_s
    changes = [(r.sent, 1) for r in run.requests(link)] + [(r.done, -1) for r in run.requests(link) if r.done is not None]
    changes = sorted((at, change) for at, change in changes if at <= until)
    counts = [float(count) for count in accumulate(change for _, change in changes)]
    return [0.0, *(at for at, _ in changes), until], [0.0, *counts, counts[-1] if counts else 0.0]


def _write_origin(axes: Axes, run: Run) -> None:
    info = run.info
    text = (
        f"{info.world} world, seed {info.seed}, {len(run.requests())} arrivals, send lag p99 {seconds(stats.send_lag(run))}"
    )
    valid = run.status is Status.PASS
    axes.annotate(
        text if valid else f"{text}; {info.status}", (0, 0), xycoords="axes fraction", xytext=(0, -38),
        textcoords="offset points", fontsize=8.5, color=GREY if valid else chart.ink(VERMILLION), va="top",
        annotation_clip=False,
    )  # fmt: skip


def _name_trouble(axes: Axes, run: Run, at: float) -> None:
    """Write into the grey band whose trouble it is."""
    told = [event for event in run.events("fault on") if event.subject in LINKS]
    if told:
        text = f"{told[0].subject} {told[0].detail}"
        chart.halo(axes.text(at, 4.2, text, ha="center", va="top", fontsize=9, color=GREY))


def _story(run: Run, link: str, watched: str) -> str:
    start, end = trouble(run)
    share = in_time(run, HEALTHY, PROMISE_S, start, end)
    during = f"from second {start:g} to {end:g}" if start > 0 else "over the load"
    left = sum(r.status == 0 or r.latency in (None, inf) for r in requests(run, HEALTHY, start, end))
    return (
        f"{percent(share)} of checkouts and searches were answered within {seconds(PROMISE_S)} {during}, {left} of their"
        f" customers left without an answer, and up to {most_under_way(run, link)} calls to {watched} were under way at once"
    )
