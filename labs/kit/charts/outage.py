"""The chart of an outage: requests, attempts and request time on one time axis, for one run or two runs side by side."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREEN, GREY, ORANGE, PURPLE, VERMILLION, Chart, Label, percent, seconds
from labs.kit.measure import stats
from labs.kit.measure.stats import Bin
from labs.kit.model.record import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

TAIL_S = 8.0
"""The last seconds of the load, from which labels and summaries describe the end of a run."""

LINE_PX = 15.0
"""The height of one line of a label, as shown."""


@dataclass(frozen=True)
class _Look:
    """The settings that all panels of one figure share."""

    link: str
    capacity: float | None
    objective: float | None
    timeout: float | None
    noun: str
    bin_s: float


def outage(
    run: Run,
    *,
    title: str | None = None,
    link: str | None = None,
    capacity: float | None = None,
    objective: float | None = None,
    timeout: float | None = None,
    noun: str = "request",
    bin_s: float = 1.0,
) -> Chart:
    """One run: offered and answered requests, attempts on a link with its capacity, and request time.

    Args:
        link: the link whose attempts are shown, "caller->called"; by default the one with the most, where retries show.
        capacity: the called service's capacity, in attempts a second.
        objective: the bound for the request time, in seconds.
        timeout: the caller's time limit for one attempt, in seconds.
        noun: the lab's word for a request of the load, such as "order".
        bin_s: the length of the bin for each point, in seconds.
    """
    look = _Look(link or _busiest([run]), capacity, objective, timeout, noun, bin_s)
    head = title or f"{run.info.fix}, {run.info.scenario}"
    return Chart(_figure([run], [head], look), f"{head}: {_story(run, look)}.")


def before_after(
    before: Run,
    after: Run,
    *,
    titles: tuple[str, str] | None = None,
    link: str | None = None,
    capacity: float | None = None,
    objective: float | None = None,
    timeout: float | None = None,
    noun: str = "request",
    bin_s: float = 1.0,
) -> Chart:
    """Two runs side by side on the same axes. Arguments as for `outage`; `titles` are those of the two columns."""
    look = _Look(link or _busiest([before, after]), capacity, objective, timeout, noun, bin_s)
    heads = titles or (f"before: {before.info.fix}", f"after: {after.info.fix}")
    summary = chart.stories(heads, (before, after), lambda run: _story(run, look))
    return Chart(_figure([before, after], heads, look), summary)


def _busiest(runs: Sequence[Run]) -> str:
    """The link between services with the most exchanges, the deeper of two equal ones; if there is none, the load's own."""
    links = list(dict.fromkeys(link for run in runs for link in run.links()))
    inner = [link for link in links if not link.startswith("load->")] or links
    return max(reversed(inner), key=lambda link: sum(len(run.requests(link)) for run in runs), default="")


def _figure(runs: Sequence[Run], heads: Sequence[str], look: _Look) -> Figure:
    margins = {"left": 0.075, "right": 0.865, "top": 0.895, "bottom": 0.115, "hspace": 0.36, "wspace": 0.42}
    with chart.frame(6.8, 3, len(runs), sharex=True, sharey="row", **margins) as (figure, grid):
        bins = [[b for b in stats.timeline(run, look.bin_s) if b.start < run.info.load_s] for run in runs]
        _set_limits(grid, runs, bins, look)
        for column, run in enumerate(runs):
            served, attempts, times = grid[:, column]
            _draw_served(served, bins[column], look)
            _draw_attempts(attempts, run, bins[column], look)
            _draw_times(times, bins[column], look)
            draw_faults((served, attempts, times), run)
            chart.write_above(served, 0, heads[column], 26, fontsize=12, fontweight="bold")
            chart.write_origin(times, run, chart.origin_of(run), down_pt=38)
    return figure


def _set_limits(grid: Any, runs: Sequence[Run], bins: Sequence[Sequence[Bin]], look: _Look) -> None:
    """Limits first, from all runs: the labels beside the lines are placed by them."""
    every = [b for column in bins for b in column]
    sent = [b.attempts.get(look.link, 0) / b.seconds for b in every]
    waits = [t for b in every for t in (b.p50, b.p99) if t] + [t for t in (look.objective, look.timeout) if t]
    served, attempts, times = grid[:, 0]
    served.set_xlim(0, max(run.info.load_s for run in runs) or 1)
    # Room above the curves for the names of the faults.
    served.set_ylim(0, 1.4 * max((b.offered / b.seconds for b in every), default=0) or 1)
    attempts.set_ylim(0, 1.15 * max([*sent, look.capacity or 0]) or 1)
    chart.log_seconds(times, min([*waits, 0.02]) / 1.5, max([*waits, 1.0]) * 2)


def _draw_served(axes: Axes, bins: Sequence[Bin], look: _Look) -> None:
    axes.set_title(f"{look.noun}s per second")
    if not bins or not any(b.offered for b in bins):
        axes.text(0.5, 0.5, f"no {look.noun} was recorded", transform=axes.transAxes, ha="center", va="center")
        return
    offered, ok, edges = [b.offered / b.seconds for b in bins], [b.ok / b.seconds for b in bins], edges_of(bins)
    axes.fill_between(edges, [*ok, ok[-1]], [*offered, offered[-1]], step="post", color=VERMILLION, alpha=0.2, lw=0)
    axes.stairs(offered, edges, baseline=None, color=GREY, lw=1.2)
    axes.stairs(ok, edges, baseline=None, color=BLUE, lw=2.2, clip_on=False, zorder=3)
    came, went = at_end(offered), at_end(ok)
    labels = [(came, "offered", GREY), (went, "answered", BLUE)]
    if went < came / 2:
        labels.append(((came + went) / 2, "failed", VERMILLION))
    chart.end_labels(axes, labels)


def _draw_attempts(axes: Axes, run: Run, bins: Sequence[Bin], look: _Look) -> None:
    axes.set_title(f"attempts per second, {look.link or 'on no link'}")
    labels = []
    if look.capacity is not None:
        labels.append(chart.bound(axes, look.capacity, f"capacity {look.capacity:g}"))
    if bins and look.link:
        sent = _sent(axes, run, bins, look)
        labels.append(sent if look.capacity is None else _clear_of(axes, look.capacity, sent))
    chart.end_labels(axes, labels, LINE_PX)


def _clear_of(axes: Axes, bound: float, label: Label) -> Label:
    """A label moved away from a bound, on its own side, so that the bound's label can stay at its line.

    If there is no room on that side, the label is unchanged: `chart.end_labels` then moves both.
    """
    value, text, colour = label
    lines = 1 + text.count("\n")
    bottom, top = axes.get_ylim()
    line = LINE_PX * (top - bottom) / axes.get_window_extent().height
    gap = line * (1 + lines) / 2
    moved = max(value, bound + gap) if value > bound else min(value, bound - gap)
    fits = bottom + line * lines / 2 <= moved <= top - line * lines / 2
    return (moved if fits else value), text, colour


def _sent(axes: Axes, run: Run, bins: Sequence[Bin], look: _Look) -> Label:
    sent = [b.attempts.get(look.link, 0) / b.seconds for b in bins]
    axes.stairs(sent, edges_of(bins), baseline=None, color=ORANGE, lw=2.2)
    factor = _amplified(run, look)
    said = "" if factor is None else f"\n{factor:.1f} per {look.noun}"
    return at_end(sent), f"attempts{said}", ORANGE


def _draw_times(axes: Axes, bins: Sequence[Bin], look: _Look) -> None:
    axes.set_title("request time, log scale")
    axes.set_xlabel("seconds from the start of the load")
    labels = []
    if look.objective is not None:
        labels.append(chart.bound(axes, look.objective, f"objective {seconds(look.objective)}"))
    if look.timeout is not None:
        labels.append(chart.bound(axes, look.timeout, f"timeout {seconds(look.timeout)}", GREY))
    for name, colour, style in (("p99", PURPLE, "-"), ("p50", GREEN, (0, (3, 1.2)))):
        waits: list[float | None] = [getattr(b, name) for b in bins]
        # A bin without requests is a gap: matplotlib draws no point for None.
        axes.plot(
            [b.start + b.seconds / 2 for b in bins],
            [float("nan") if t is None else t for t in waits],
            color=colour,
            ls=style,
        )
        known = [t for t in waits if t is not None]
        if known:
            labels.append((at_end(known), name, colour))
    chart.end_labels(axes, labels)


def draw_faults(column: Sequence[Axes], run: Run) -> None:
    """Shade the faults of a run in a column of axes, and name them in the first."""
    shown_to: list[float] = []  # the right end of the labels in each row, in axes fractions
    top = column[0]
    right = top.get_xlim()[1]
    width_px = top.get_position().width * chart.SHOWN_PX
    for window in stats.fault_windows(run):
        if window.start >= right:
            continue
        end = min(window.end, right)
        # One that acts from start to end is named only: shading everything would mark nothing.
        if window.start > 0 or window.end < right:
            chart.shade(column, window.start, end)
        text = f"{window.detail or 'fault'} on {window.subject}"
        half = chart.text_px(text) / width_px / 2
        centre = min(max((window.start + end) / 2 / right, half), max(1 - half, half))
        row = next((n for n, taken in enumerate(shown_to) if taken <= centre - half), len(shown_to))
        shown_to[row : row + 1] = [centre + half]
        chart.halo(top.text(centre, 0.97 - 0.11 * row, text, transform=top.transAxes, fontsize=9, ha="center", va="top"))


def _story(run: Run, look: _Look) -> str:
    """The content of the figure as a clause without a full stop."""
    noun, load_s = look.noun, run.info.load_s
    if none := chart.no_story(run, noun):
        return none
    if not run.requests():
        return f"no {noun} was recorded"
    parts = [f"{len(run.requests()) / load_s:.0f} {noun}s a second offered for {seconds(load_s)}"]
    windows = [w for w in stats.fault_windows(run) if w.start < load_s]
    for window in windows:
        until = min(window.end, load_s)
        parts.append(f"{window.detail or 'a fault'} on {window.subject} from {seconds(window.start)} to {seconds(until)}")
    tail = _tail(run)
    if any(r.intended >= tail for r in run.requests()):
        parts.append(f"{percent(stats.success_rate(run, tail))} answered in the last {seconds(load_s - tail)}")
    factor = _amplified(run, look)
    if factor is not None:
        rate = stats.attempts(run, look.link, tail) / (load_s - tail)
        per = f" against a capacity of {look.capacity:g}" if look.capacity else ""
        parts.append(f"{factor:.1f} attempts per {noun} on {look.link} then ({rate:.0f} a second{per})")
    ended = [w.end for w in windows if w.end < load_s]
    if ended:
        took = stats.recovery_s(run, max(ended))
        parts.append(
            f"not recovered within {seconds(load_s - max(ended))}"
            if took == float("inf")
            else f"recovered {seconds(took)} after the fault"
        )
    return ", ".join(parts)


def _amplified(run: Run, look: _Look) -> float | None:
    tail = _tail(run)
    if "->" not in look.link or look.link.startswith("load->") or not any(r.intended >= tail for r in run.requests()):
        return None
    return stats.amplification(run, look.link, tail)


def _tail(run: Run) -> float:
    return max(0.0, run.info.load_s - TAIL_S)


def at_end(values: Sequence[float]) -> float:
    """The mean of the last three values, beside which a line's label stands."""
    last = values[-3:]
    return sum(last) / len(last)


def edges_of(bins: Sequence[Bin]) -> list[float]:
    """Where the bins begin, and where the last one ends."""
    return [b.start for b in bins] + [bins[-1].start + bins[-1].seconds]
