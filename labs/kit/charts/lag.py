"""Request times of several routes above the event-loop lag, on one time axis: which requests wait for a blocked loop?"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import TYPE_CHECKING, Any

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREY, ORANGE, PURPLE, VERMILLION, Chart, seconds
from labs.kit.measure import stats
from labs.kit.model.names import LOOP_LAG
from labs.kit.model.record import Request, Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLOURS = (BLUE, ORANGE, GREY)
_SMALLEST_S = 0.0005  # log scale: a time of zero is drawn here
_SEEN_S = 0.001
"""A smaller lag would be an invisibly short line."""
_ROOM, _NEVER = 3.0, 0.65
"""The top of the upper panel, and the place of requests that never ended, as multiples of the longest request time."""


def loop_lag(
    runs: Sequence[Run],
    routes: Mapping[str, str],
    *,
    host: str,
    titles: Sequence[str] = (),
    objective: float | None = None,
) -> Chart:
    """Runs side by side: above, each request of the load as a point at its intended time; below, the event loop's lag.

    A request that never ended is drawn at the top, however long it had waited at the end of the run: at the height of its
    waiting time, the last requests would seem to be answered sooner and sooner. A reading of lag is as wide as it is high.

    Args:
        runs: one to three runs.
        routes: the routes to draw, at most three: {endpoint as in the record: name on the page}.
        host: the service whose samples "event_loop.lag" are shown.
        titles: the title of each column, by default repair and scenario.
        objective: the bound for the request time of the first route, in seconds.

    Raises:
        ValueError: there are no runs or routes, or more than three of either; or not one title per run.
    """
    if not 1 <= len(runs) <= 3 or not 1 <= len(routes) <= len(_COLOURS):
        raise ValueError(f"{len(runs)} runs and {len(routes)} routes were given; expected one to three of each")
    heads = chart.heads_of(runs, titles)
    told = chart.stories(heads, runs, lambda run: _story(run, routes, host))
    return Chart(_figure(runs, routes, heads, host, objective), told)


def _figure(
    runs: Sequence[Run], routes: Mapping[str, str], heads: Sequence[str], host: str, objective: float | None
) -> Figure:
    margins = {"left": 0.075, "right": 0.885, "top": 0.875, "bottom": 0.16, "hspace": 0.3, "wspace": 0.1}
    with chart.columns(5.4, heads, (3, 2), **margins) as (figure, grid):
        _set_limits(grid, runs, host, objective)
        for column, run in enumerate(runs):
            times, lag = grid[:, column]
            _draw_times(times, run, routes, objective, column == len(runs) - 1)
            _draw_lag(lag, run, host)
            for window in stats.fault_windows(run):
                if 0 < window.start < run.info.load_s:
                    chart.shade((times, lag), window.start, min(window.end, run.info.load_s))
            chart.write_origin(lag, run, chart.origin_of(run, "\n"))
    return figure


def _set_limits(grid: Any, runs: Sequence[Run], host: str, objective: float | None) -> None:
    times, lag = grid[0, 0], grid[1, 0]
    waits = [_waited(r) for run in runs for r in run.requests() if r.latency is not None] + [t for t in (objective,) if t]
    lags = [sample.value for run in runs for sample in run.samples(LOOP_LAG, host) if sample.time <= run.info.load_s]
    for column, run in enumerate(runs):
        grid[0, column].set_xlim(0, run.info.load_s or 1)
    chart.log_seconds(times, _SMALLEST_S / 1.3, _ROOM * max([*waits, 1.0]))
    lag.set_ylim(0, 1.12 * max([*lags, 0.01]))
    chart.in_seconds(lag)


def _draw_times(axes: Axes, run: Run, routes: Mapping[str, str], objective: float | None, label: bool) -> None:
    axes.set_title("request time, log scale")
    labels = []
    if objective is not None:
        first = next(iter(routes.values()))
        labels.append(chart.bound(axes, objective, f"objective for\n{first}, {seconds(objective)}"))
    for colour, (endpoint, name) in zip(_COLOURS, routes.items(), strict=False):
        chosen = [r for r in run.requests() if r.endpoint == endpoint]
        good = [r for r in chosen if r.ok]
        size = 9 if colour == BLUE else 16
        axes.scatter([r.intended for r in good], [_waited(r) for r in good], s=size, color=colour, lw=0, zorder=3)
        if good:
            late = [_waited(r) for r in good][-max(3, len(good) // 4) :]
            labels.append((stats.percentile(late, 50), name, colour))
    drawn = [r for r in run.requests() if r.endpoint in routes]
    failed = [r for r in drawn if not r.ok and r.latency is not None]
    never = [r for r in drawn if r.latency is None]
    top = axes.get_ylim()[1] * _NEVER
    for some, heights, name in ((failed, [_waited(r) for r in failed], "error"), (never, [top] * len(never), "no answer")):
        axes.scatter([r.intended for r in some], heights, s=20, c=VERMILLION, marker="x", lw=1)
        if some:
            _name_first(axes, some[0].intended, heights[0], name)
    if label:
        chart.end_labels(axes, labels)


def _name_first(axes: Axes, at: float, height: float, name: str) -> None:
    """Write the meaning of the crosses beside the first cross, or below it if room is short, in each panel with crosses."""
    left = at < sum(axes.get_xlim()) / 2
    by, va, ha = ((-4, -9), "top", "left") if left else ((-7, 0), "center", "right")
    chart.write_near(axes, (at, height), by, name, VERMILLION, rim=True, va=va, ha=ha)


def _draw_lag(axes: Axes, run: Run, host: str) -> None:
    axes.set_title(f"event-loop lag of {host}")
    axes.set_xlabel("seconds from the start of the load")
    samples = [s for s in run.samples(LOOP_LAG, host) if 0 <= s.time <= run.info.load_s]
    # A line from the time at which the loop should have returned to the time at which it did: together the lines show the
    # share of time for which the loop was blocked.
    lags = [s.value for s in samples]
    axes.bar([s.time - s.value for s in samples], lags, width=lags, align="edge", color=PURPLE, edgecolor=PURPLE, lw=0.8)
    # An empty panel looks like a chart that failed, so write what it means.
    told = "no reading" if not samples else "" if max(s.value for s in samples) >= _SEEN_S else "none over 1 ms"
    axes.text(0.5, 0.5, told, transform=axes.transAxes, ha="center", va="center", color=GREY)


def _story(run: Run, routes: Mapping[str, str], host: str) -> str:
    if none := chart.no_story(run, "request"):
        return none
    parts = []
    for endpoint, name in routes.items():
        asked = [r for r in run.requests() if r.endpoint == endpoint]
        waits = [_waited(r) for r in asked]
        if waits:
            p50, p99 = (_or_never(stats.percentile(waits, q)) for q in (50, 99))
            never = sum(r.latency is None for r in asked)
            parts.append(f"{name} p50 {p50} and p99 {p99}" + f" ({never} of {len(asked)} never answered)" * bool(never))
        else:
            parts.append(f"{name} not asked for")
    lags = [sample.value for sample in run.samples(LOOP_LAG, host) if sample.time <= run.info.load_s]
    parts.append(f"event-loop lag at most {seconds(max(lags))}" if lags else "event-loop lag not reported")
    return ", ".join(parts)


def _waited(request: Request) -> float:
    return inf if request.latency is None else max(request.latency, _SMALLEST_S)


def _or_never(value: float) -> str:
    return "never" if value == inf else seconds(value)
