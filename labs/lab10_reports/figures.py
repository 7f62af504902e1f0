"""The picture that only this lab draws: who waited, while the office asked for reports and for the correction."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart, record, stats
from labs.lab10_reports import readings
from labs.lab10_reports.readings import SOON_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_SMALLEST_S, _NEVER_S = 0.001, 9.0
"""Where the quickest answers are drawn, and the requests without any."""


def books(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two runs: the time of each posting and reading above; below, when the office's reports and corrections ran."""
    margins = {"left": 0.105, "right": 0.845, "top": 0.85, "bottom": 0.11, "hspace": 0.12, "wspace": 0.08}
    with chart.columns(4.9, titles, (4, 1.1), **margins) as (figure, grid):
        for run, (times, jobs) in zip(runs, grid.T, strict=True):
            goal = _draw_times(times, run)
            _draw_jobs(jobs, run)
            for start, end in _joined(readings.spans(run, "correct")):
                chart.shade([times], start, min(end, run.info.load_s + 1))
            jobs.set_xlim(0, run.info.load_s + 1)
            jobs.set_xlabel("time (s)")
        shown = "request time (log): good below the dashed line; x: 404, an error; triangle: no answer; grey: the correction"
        chart.write_above(grid[0][0], 0, shown, 5, fontsize=10)
        last = runs[-1]
        labels = [goal]
        for kind, colour in _KINDS.items():
            labels.append((_middle([r for r in last.requests() if r.endpoint.startswith(kind)]), _NAMES[kind], colour))
        chart.end_labels(grid[0][-1], labels)
    return Chart(figure, chart.stories(titles, runs, _story))


def _joined(spans: Sequence[tuple[float, float]]) -> list[tuple[float, float]]:
    """The spans, those that overlap as one."""
    found: list[tuple[float, float]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return found


_KINDS = {"POST": chart.ORANGE, "GET": chart.BLUE}
_NAMES = {"POST": "postings", "GET": "readings"}


def _middle(requests: Sequence[record.Request]) -> float:
    """The median of what is drawn of the requests that succeeded, for a label beside them."""
    drawn = [max(r.latency or 0.0, _SMALLEST_S) for r in requests if r.ok]
    return stats.percentile(drawn, 50) if drawn else _NEVER_S


def _draw_times(axes: Axes, run: Run) -> chart.Label:
    """Draw each request at the time at which it was due; returns the label of the objective."""
    for kind, colour in _KINDS.items():
        mine = [r for r in run.requests() if r.endpoint.startswith(kind)]
        good = [r for r in mine if r.ok]
        bad = [r for r in mine if not r.ok and r.latency is not None]
        none = [r.intended for r in mine if not r.ok and r.latency is None]
        axes.scatter([r.intended for r in good], [max(r.latency or 0, _SMALLEST_S) for r in good], s=9, color=colour, lw=0)
        waited = [max(r.latency or 0, _SMALLEST_S) for r in bad]
        axes.scatter([r.intended for r in bad], waited, s=14, color=colour, marker="x", linewidths=0.9)
        axes.scatter(none, [_NEVER_S] * len(none), s=14, color=colour, marker="v", linewidths=0)
    axes.set_yscale("log")
    axes.set_ylim(_SMALLEST_S * 0.7, _NEVER_S * 1.6)
    axes.set_yticks([0.001, 0.01, 0.1, 1], ["1 ms", "10 ms", "0.1 s", "1 s"])
    return chart.bound(axes, SOON_S, f"objective {1000 * SOON_S:.0f} ms", zorder=2)


def _draw_jobs(axes: Axes, run: Run) -> None:
    """Draw the reports and corrections of the office as bars, from question to answer; those that overlap as one."""
    chart.rows_of(axes, ["reports", "correction"])
    for row, (action, colour) in enumerate((("report", chart.GREEN), ("correct", chart.VERMILLION))):
        for start, end in _joined(readings.spans(run, action)):
            axes.barh(row, max(end - start, 0.03), left=start, height=0.55, color=colour, alpha=0.75, lw=0)


def _story(run: Run) -> str:
    share = readings.soon(run, 0.0, run.info.load_s)
    longest = readings.slowest(run, 0.0, run.info.load_s)
    return f"{chart.percent(share)} of the requests answered within {1000 * SOON_S:.0f} ms, the longest wait {longest:.2f} s"
