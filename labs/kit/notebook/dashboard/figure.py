"""The dashboard's panels of a finished run as a figure, for pages without widgets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, GREY, ORANGE, Chart
from labs.kit.model.lab import Lab, named
from labs.kit.model.record import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from labs.kit.notebook.dashboard.panels import Mark, Panel, View


def five_signals(run: Run, lab: Lab, *, objective: float, link: str = "", capacity: float | None = None) -> Chart:
    """One run: request rate, errors, request time, requests in the system, and the lab's scarce resource.

    Args:
        lab: tells which services run the repair, and their limits.
        objective: the bound of the request time, in seconds.
        link: the link whose calls are drawn beside the requests, "caller->called"; "" for none.
        capacity: the called service's capacity, in calls a second.
    """
    from labs.kit.measure.timeseries import TimeSeries
    from labs.kit.notebook.dashboard import panels

    series = TimeSeries.of(run, objective, link)
    seconds = run.info.seconds
    head = f"{named(run.info.fix)}, {run.info.scenario}, {run.info.world} world"
    view = panels.view(series, lab, 0.0, seconds, seconds, capacity)
    with chart.settings():
        figure = chart.new_figure(8.4)
        grid = figure.subplots(len(view.panels), 1, sharex=True)
        figure.subplots_adjust(left=0.075, right=0.835, top=0.9, bottom=0.06, hspace=0.42)
        for axes, panel in zip(grid, view.panels, strict=True):
            _draw(axes, panel, view)
        chart.write_above(grid[0], 0, head, 40, fontsize=12, fontweight="bold")
        _name_marks(grid[0], view.marks)
        grid[-1].set_xlabel("seconds from the start of the load")
    return Chart(figure, f"{head}, {panels.summary(series, seconds)}")


def _draw(axes: Axes, panel: Panel, view: View) -> None:
    axes.set_title(panel.title)
    axes.set_xlim(view.start, view.end)
    if panel.log:
        axes.set_yscale("log")
    axes.minorticks_off()
    axes.set_ylim(panel.low, panel.top)
    axes.set_yticks(panel.ticks, [panel.shown(tick) for tick in panel.ticks])
    for start, end in view.faults:
        axes.axvspan(start, end, color=ORANGE, alpha=0.18, lw=0, zorder=0.5)
    for mark in view.marks:
        axes.axvline(mark.at, color=BLACK, lw=0.8, alpha=0.6)
    labels = []
    if panel.bound is not None:
        axes.axhline(panel.bound.value, color=BLACK, lw=1.1, ls=(0, (6, 2)), zorder=1.5)
        labels.append((panel.bound.value, panel.bound.name, BLACK))
    for line in panel.lines:
        values = [float("nan") if value is None else value for _, value in line.points]
        axes.plot(
            [at for at, _ in line.points], values, color=line.colour, ls="--" if line.dashed else "-", lw=1.6, clip_on=False
        )
        if line.last is not None:
            labels.append((line.last, line.name, line.colour))
    if not panel.lines:
        axes.text(0.5, 0.5, panel.empty, transform=axes.transAxes, ha="center", va="center", color=GREY)
    chart.end_labels(axes, labels)


def _name_marks(axes: Axes, marks: tuple[Mark, ...]) -> None:
    """Write the words of each change over the figure, in rows so that they do not overlap."""
    from labs.kit.notebook.dashboard.svg import rows_of

    start, end = axes.get_xlim()
    scale = 680 / (end - start)
    for mark, row in zip(marks, rows_of(marks, lambda at: scale * (at - start)), strict=True):
        if mark.text:
            chart.write_above(axes, (mark.at - start) / (end - start), mark.text, 30 - 9 * row, fontsize=8.5)
