"""The chart of a public outage: what was asked and rightly answered, and the calls on one link, as it was and mended."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREY, ORANGE, PURPLE, VERMILLION, Chart, percent, seconds
from labs.kit.charts.outage import LINE_PX, at_end, draw_faults, edges_of
from labs.kit.measure import stats
from labs.kit.measure.stats import Bin
from labs.kit.model.record import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ROW_IN, ABOVE_IN, BELOW_IN = 1.75, 0.72, 0.8
"""The heights of a row, and of what stands above and below the rows, in inches."""


def public(
    before: Run,
    after: Run,
    *,
    titles: tuple[str, str],
    noun: str,
    link: str = "",
    capacity: float = 0.0,
    wrong: str = "",
    bin_s: float = 1.0,
) -> Chart:
    """Two runs side by side on the same axes: requests offered and rightly answered, and calls on a link.

    Args:
        titles: what stands above the two columns.
        noun: the word for a request of the load, such as "visit".
        link: the link whose calls are shown, "caller->called"; without one, the requests alone.
        capacity: the calls a second that the called service can answer; 0 if it has no such bound.
        wrong: in place of a link, what the wrong answers are called: their number a second is shown.
        bin_s: the length of the bin for each point, in seconds.
    """
    runs, rows = (before, after), 1 + bool(link or wrong)
    bins = [[b for b in stats.timeline(run, bin_s) if b.start < run.info.load_s] for run in runs]
    height = rows * ROW_IN + ABOVE_IN + BELOW_IN
    margins = {"left": 0.075, "right": 0.865, "wspace": 0.42, "hspace": 0.36}
    margins |= {"top": 1 - ABOVE_IN / height, "bottom": BELOW_IN / height}
    with chart.frame(height, rows, 2, sharex=True, sharey="row", **margins) as (figure, grid):
        grid[0, 0].set_xlim(0, max(run.info.load_s for run in runs))
        grid[0, 0].set_ylim(0, 1.45 * max((b.offered / b.seconds for column in bins for b in column), default=1.0))
        if link:
            most = max((b.attempts.get(link, 0) / b.seconds for column in bins for b in column), default=0.0)
            grid[1, 0].set_ylim(0, 1.15 * max(most, capacity, 1.0))
        elif wrong:
            grid[1, 0].set_ylim(0, 1 + max(max(_wrong(run, column)) for run, column in zip(runs, bins, strict=True)))
        for column, (run, title) in enumerate(zip(runs, titles, strict=True)):
            _requests(grid[0, column], run, bins[column], noun, bin_s)
            if link:
                _calls(grid[1, column], bins[column], link, capacity)
            elif wrong:
                grid[1, column].set_title(f"{wrong} per second")
                grid[1, column].stairs(_wrong(run, bins[column]), edges_of(bins[column]), color=PURPLE, fill=True)
            draw_faults(grid[:, column], run)
            chart.write_above(grid[0, column], 0, title, 24, fontsize=12, fontweight="bold")
            grid[-1, column].set_xlabel("seconds from the start of the load")
            chart.write_origin(grid[-1, column], run, chart.origin_of(run), down_pt=38)
    return Chart(figure, chart.stories(titles, runs, lambda run: _story(run, noun, link)))


def _right(run: Run, start: float, end: float) -> int:
    """How many of the requests intended in [start, end) were answered, and with an answer that is right."""
    return sum(r.ok and not r.wrong for r in run.requests() if start <= r.intended < end)


def _wrong(run: Run, bins: Sequence[Bin]) -> list[float]:
    """Wrong answers per second, bin by bin, by the intended time of their requests."""
    times = [r.intended for r in run.requests() if r.wrong]
    return [sum(b.start <= time < b.start + b.seconds for time in times) / b.seconds for b in bins]


def _requests(axes: Axes, run: Run, bins: Sequence[Bin], noun: str, bin_s: float) -> None:
    axes.set_title(f"{noun}s per second")
    offered, edges = [b.offered / b.seconds for b in bins], edges_of(bins)
    right = [_right(run, b.start, b.start + bin_s) / b.seconds for b in bins]
    axes.fill_between(edges, [*right, right[-1]], [*offered, offered[-1]], step="post", color=VERMILLION, alpha=0.3, lw=0)
    axes.stairs(offered, edges, baseline=None, color=GREY, lw=1.2)
    axes.stairs(right, edges, baseline=None, color=BLUE, lw=2.2, clip_on=False, zorder=3)
    chart.end_labels(axes, [(at_end(offered), "offered", GREY), (at_end(right), "answered", BLUE)])


def _calls(axes: Axes, bins: Sequence[Bin], link: str, capacity: float) -> None:
    axes.set_title(f"calls per second, {link}")
    calls = [b.attempts.get(link, 0) / b.seconds for b in bins]
    axes.stairs(calls, edges_of(bins), baseline=None, color=ORANGE, lw=2.2)
    labels = [chart.bound(axes, capacity, f"capacity {capacity:.0f}")] if capacity else []
    chart.end_labels(axes, [*labels, (at_end(calls), "calls", ORANGE)], LINE_PX)


def _story(run: Run, noun: str, link: str) -> str:
    """The content of one column as a clause without a full stop."""
    requests, load_s = run.requests(), run.info.load_s
    failed = len(requests) - _right(run, 0.0, load_s)
    parts = [f"{failed} of {len(requests)} {noun}s in {seconds(load_s)} fail ({percent(failed / max(1, len(requests)))})"]
    faults = [w for w in stats.fault_windows(run) if w.start < load_s]
    parts += [f"{w.detail} on {w.subject} from {seconds(w.start)} to {seconds(min(w.end, load_s))}" for w in faults]
    if link:
        parts.append(f"{len(run.requests(link))} calls on {link}")
    return ", ".join(parts)
