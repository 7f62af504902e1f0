"""The chart of a runbook: one scenario with and without an operator, his actions marked."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, GREEN, GREY, VERMILLION, Chart, Label, plural, seconds
from labs.kit.measure import operating, stats
from labs.kit.measure.stats import LEVEL
from labs.kit.model.names import PAGED
from labs.kit.model.record import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

LONGEST_TEXT = 60
"""The largest length of an action's text in the figure, in characters."""
ROW_PT = 11.5


def operated(
    without: Run,
    with_: Run,
    *,
    objective: float | None = None,
    noun: str = "request",
    called: str = "with the runbook",
    **others: object,
) -> Chart:
    """The share of requests that were answered, and the request time, with the operator over without; and what he did.

    Args:
        objective: the bound for the request time, in seconds; the share has the level of a healthy service as its own.
        noun: the lab's word for a request of the load, such as "order".
        called: what the line of the run with the operator is called.
        others: arguments in a lab's `chart` for other charts; not used here.
    """
    acts = operating.actions(with_)
    texts = _texts(with_)
    rows = max(len(texts), 1)
    height = 4.9 + rows * ROW_PT / 72
    margins = {"left": 0.075, "right": 0.83, "top": 1 - (0.35 + rows * ROW_PT / 72) / height, "bottom": 0.16, "hspace": 0.3}
    with chart.frame(height, 2, sharex=True, **margins) as (figure, [[share], [times]]):
        until = without.info.load_s
        share.set_xlim(0, until)
        share.set_ylim(-3, 103)
        in_share: list[Label] = [chart.bound(share, 100 * LEVEL, f"objective {100 * LEVEL:g}%")]
        in_times: list[Label] = []
        waits = [b.p99 for run in (without, with_) for b in stats.timeline(run) if b.p99]
        chart.log_seconds(times, min([*waits, 0.02]) / 1.5, max([*waits, objective or 0, 1.0]) * 2)
        if objective is not None:
            in_times.append(chart.bound(times, objective, f"objective {seconds(objective)}"))
        for run, colour, name in ((without, GREY, "without"), (with_, BLUE, called)):
            answered, waited = _lines(run, until, share, times, colour)
            in_share.append((answered, name, colour))
            in_times.append((waited, name, colour))
        for window in stats.fault_windows(without):
            if 0 < window.start < until:
                chart.shade((share, times), window.start, min(window.end, until))
        _mark(share, times, texts, until)
        chart.end_labels(share, in_share)
        chart.end_labels(times, in_times)
        chart.write_above(share, 0, f"{noun}s answered (%)", 5 + len(texts) * ROW_PT, fontsize=10)
        chart.write_above(times, 0, "request time, p99, log scale", 5, fontsize=10)
        times.set_xlabel("seconds from the start of the load")
        chart.write_origin(times, with_, chart.origin_of(with_), down_pt=36)
    return Chart(figure, _summary(without, with_, len(acts), noun, called))


def _lines(run: Run, until: float, share: Axes, times: Axes, colour: str) -> tuple[float, float]:
    """Draw both lines of a run; returns their last values."""
    bins = [b for b in stats.timeline(run) if b.start < until]
    middle = [b.start + b.seconds / 2 for b in bins]
    answered = [100 * b.ok / b.offered if b.offered else float("nan") for b in bins]
    waited = [b.p99 or float("nan") for b in bins]  # a gap also where all were refused at once, in no time
    style: dict[str, Any] = {"color": colour, "lw": 2.2 if colour == BLUE else 1.6, "solid_capstyle": "round"}
    share.plot(middle, answered, **style)
    times.plot(middle, waited, **style)
    known = [value for value in waited if value == value]
    return next((value for value in reversed(answered) if value == value), 0.0), known[-1] if known else 1.0


def _texts(run: Run) -> list[tuple[float, str, str]]:
    """When, what and in which colour: the pages and the actions; what happens at one moment has one text."""
    found: dict[float, list[str]] = {}
    paged = {}
    for deed in operating.deeds(run):
        if deed.kind == PAGED:
            paged[deed.time] = "page"
    for event in operating.actions(run):
        found.setdefault(event.time, []).append(event.detail)
    texts = [(at, text, VERMILLION) for at, text in paged.items()]
    texts += [(at, "; ".join(told)[:LONGEST_TEXT], GREEN) for at, told in found.items()]
    return sorted(texts)


def _mark(share: Axes, times: Axes, texts: Sequence[tuple[float, str, str]], until: float) -> None:
    """A line at each moment, and its text above the upper axes, each in a row of its own so that none covers another."""
    for row, (at, text, colour) in enumerate(reversed(texts)):
        for axes in (share, times):
            axes.axvline(at, color=colour, lw=1.0, ls=chart.DOTTED, zorder=1.6)
        left = at < 0.7 * until
        chart.write_near(
            share, (at, 1), (2 if left else -2, 2 + row * ROW_PT), f"{at:g} s {text}", BLACK if colour == GREEN else colour,
            xycoords=("data", "axes fraction"), fontsize=8.5, ha="left" if left else "right", annotation_clip=False,
        )  # fmt: skip


def _summary(without: Run, with_: Run, acts: int, noun: str, called: str) -> str:
    return (
        f"{operating.failed(with_)} of {plural(len(with_.requests()), noun)} failed {called}, which took"
        f" {plural(acts, 'action')}; {operating.failed(without)} of {len(without.requests())} failed without."
    )
