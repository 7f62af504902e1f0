"""The picture that only this lab draws: evenings side by side, what users get and what happened when."""

from __future__ import annotations

from collections.abc import Sequence

from labs.kit import Chart, Run, chart, names, stats
from labs.lab15_incident.readings import WELL

BIN_S = 1.0


def evenings(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """For each evening a column: the share of requests answered, and their 95th percentile; deploys as thin lines."""
    margins = {"left": 0.075, "right": 0.9, "top": 0.86, "bottom": 0.11, "hspace": 0.3, "wspace": 0.12}
    with chart.columns(4.6, list(titles), (2, 2), **margins) as (figure, grid):
        chart.write_above(grid[0][0], 0, "requests answered (%)", 5, fontsize=10)
        chart.write_above(grid[1][0], 0, "request time, p95", 5, fontsize=10)
        for run, (share, times) in zip(runs, grid.T, strict=True):
            end = round(run.info.load_s)
            seconds = list(range(end))
            answered = [100 * stats.success_rate(run, s, s + BIN_S) for s in seconds]
            share.step([*seconds, end], [*answered, answered[-1]], where="post", color=chart.BLUE, lw=1.5)
            late = [stats.percentile(found, 95) if (found := stats.latencies(run, s, s + BIN_S)) else None for s in seconds]
            there = [(s, value) for s, value in zip(seconds, late, strict=True) if value is not None]
            times.plot(*zip(*there, strict=True), color=chart.BLUE, lw=1.5)
            chart.log_seconds(times, 0.02, 4)
            for event in run.events(names.DEPLOY):
                for axes in (share, times):
                    axes.axvline(event.time, color=chart.GREY, lw=0.9, ls=chart.DOTTED)
            share.set_ylim(-3, 103)
            times.set_xlim(0, end)
            share.set_xlim(0, end)
            times.set_xlabel("seconds; dotted: a deploy")
        for axes, value, text in ((grid[0], 100 * WELL, f"well\n{100 * WELL:g}%"), (grid[1], 1.0, "objective\n1 s")):
            bounds = [chart.bound(each, value, text) for each in axes]
            chart.end_labels(axes[-1], bounds[-1:])
    return Chart(figure, chart.stories(list(titles), list(runs), _story))


def _story(run: Run) -> str:
    end = run.info.load_s
    first, last = stats.success_rate(run, 0, 10), stats.success_rate(run, end - 10, end)
    return f"{chart.percent(first)} answered in the first ten seconds, {chart.percent(last)} in the last ten"
