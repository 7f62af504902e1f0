"""Memory over time, with its limit, kills and restarts: the sawtooth of a service that is killed again and again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREEN, GREY, ORANGE, VERMILLION, Chart, percent, plural
from labs.kit.measure import stats
from labs.kit.model.names import MEMORY, MEMORY_LIMIT, OOM_KILL, RESTART
from labs.kit.model.record import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

MB = 1_000_000
HOUR_S = 3600.0
_LONG_S = 2 * HOUR_S  # a run longer than that is drawn in hours


@dataclass(frozen=True)
class Series:
    """A growing quantity: its name, readings as (second, megabytes), and the limit in megabytes, if it has one."""

    name: str
    points: Sequence[tuple[float, float]]
    limit_mb: float | None = None


def memory(
    runs: Sequence[Run], *, host: str, limits_mb: Mapping[str, float], titles: Sequence[str] = (), bin_s: float = 1.0
) -> Chart:
    """Runs side by side: above, a service's memory, limit, kills and restarts; below, the share of answered visits.

    Args:
        runs: one to three runs.
        host: the service whose samples "process.memory.usage" are shown.
        limits_mb: the limit in megabytes for each world, {"live": 96}; a world without a limit has no line.
        titles: the title of each column, by default repair and scenario.
        bin_s: the length of a step in the lower part, in seconds.

    Raises:
        ValueError: there is no run, or there are more than three; or not one title per run.
    """
    heads = chart.heads_of(runs, titles)
    told = chart.stories(heads, runs, lambda run: _story(run, host, limits_mb))
    return Chart(_memory_figure(runs, host, limits_mb, heads, bin_s), told)


def growth(series: Sequence[Series], *, title: str, seconds: float) -> Chart:
    """Growing quantities, one below the other on one time axis, each with its limit and the moment that reaches it.

    Args:
        series: one to four series.
        title: the title of the figure.
        seconds: the length of the time axis.

    Raises:
        ValueError: there is no series, or there are more than four.
    """
    if not 1 <= len(series) <= 4:
        raise ValueError(f"{len(series)} series were given; expected one to four")
    scale, unit = (HOUR_S, "hours") if seconds > _LONG_S else (1.0, "seconds")
    height = 1.1 + 1.45 * len(series)
    margins = {"left": 0.085, "right": 0.87, "top": 1 - 0.62 / height, "bottom": 0.12, "hspace": 0.55}
    with chart.frame(height, len(series), sharex=True, **margins) as (figure, grid):
        for axes, one, colour in zip(grid[:, 0], series, (BLUE, ORANGE, GREEN, GREY), strict=False):
            _draw_series(axes, one, colour, scale, unit, seconds)
        grid[-1, 0].set_xlabel(f"{unit} from the start of the load")
        chart.write_above(grid[0, 0], 0, title, 22, fontsize=11.5, fontweight="bold")
    return Chart(figure, f"{title}: {'; '.join(_growth_story(one, scale, unit) for one in series)}.")


def reached(one: Series) -> float | None:
    """The second at which a series first is above its limit; None if it never is, or has no limit."""
    return next((at for at, value in one.points if one.limit_mb is not None and value > one.limit_mb), None)


def _draw_series(axes: Axes, one: Series, colour: str, scale: float, unit: str, seconds: float) -> None:
    axes.set_title(f"{one.name}, MB")
    axes.set_xlim(0, seconds / scale)
    most = max([value for _, value in one.points] + [one.limit_mb or 0.0, 1e-3])
    axes.set_ylim(0, 1.15 * most)
    axes.plot([at / scale for at, _ in one.points], [value for _, value in one.points], color=colour)
    labels = []
    if one.points:
        at, value = one.points[-1]
        if at >= 0.98 * seconds:
            labels.append((value, f"{value:.3g} MB", colour))
        else:
            chart.write_near(axes, (at / scale, value), (6, 2), f"{value:.3g} MB", colour)
    if one.limit_mb is not None:
        labels.append(chart.bound(axes, one.limit_mb, f"limit {one.limit_mb:g} MB"))
        if (crossed := reached(one)) is not None:
            axes.axvline(crossed / scale, color=VERMILLION, lw=1.4)
            at, text = crossed / scale, f"{crossed / scale:.1f} {unit}"
            chart.write_near(axes, (at, 1), (3, -10), text, VERMILLION, rim=True, xycoords=("data", "axes fraction"))
    chart.end_labels(axes, labels)


def _growth_story(one: Series, scale: float, unit: str) -> str:
    last = one.points[-1][1] if one.points else 0.0
    told = f"{one.name} grows to {last:.3g} MB"
    if one.limit_mb is None:
        return told
    crossed = reached(one)
    if crossed is None:
        return f"{told}, inside its limit of {one.limit_mb:g} MB"
    return f"{told} and is over its limit of {one.limit_mb:g} MB after {crossed / scale:.1f} {unit}"


def _memory_figure(
    runs: Sequence[Run], host: str, limits_mb: Mapping[str, float], heads: Sequence[str], bin_s: float
) -> Figure:
    margins = {"left": 0.075, "right": 0.875, "top": 0.875, "bottom": 0.16, "hspace": 0.32, "wspace": 0.1}
    with chart.columns(5.2, heads, (3, 2), **margins) as (figure, grid):
        readings = [s.value / MB for run in runs for s in run.samples(MEMORY, host)]
        limits = [limits_mb[run.info.world] for run in runs if run.info.world in limits_mb]
        grid[0, 0].set_ylim(0, 1.15 * max([*readings, *limits, 1.0]))
        grid[1, 0].set_ylim(0, 105)
        for column, run in enumerate(runs):
            held, share = grid[:, column]
            held.set_xlim(0, run.info.seconds or 1)
            _draw_memory(held, run, host, limits_mb.get(run.info.world), column == len(runs) - 1)
            _draw_answered(share, run, bin_s)
            text = f"{run.info.world} world, seed {run.info.seed}, {len(run.requests())} arrivals"
            chart.write_origin(share, run, text)
    return figure


def _draw_memory(axes: Axes, run: Run, host: str, limit_mb: float | None, label: bool) -> None:
    axes.set_title("memory held, MB" if run.info.world == "live" else "memory held since the start, MB")
    samples = sorted(run.samples(MEMORY, host), key=lambda s: s.time)
    kills, restarts = ([event.time for event in run.events(kind)] for kind in (OOM_KILL, RESTART))
    for start, end in _lives(kills, restarts, run.info.seconds):
        chosen = [s for s in samples if start <= s.time <= end]
        axes.plot([s.time for s in chosen], [s.value / MB for s in chosen], color=BLUE)
    labels = [(samples[-1].value / MB, "memory", BLUE)] if samples else []
    if limit_mb is not None:
        labels.append(chart.bound(axes, limit_mb, f"limit\n{limit_mb:g} MB"))
    for number, at in enumerate(kills, 1):
        axes.plot([at], [limit_mb or 0], marker="X", ms=9, color=VERMILLION, mec="white", clip_on=False, zorder=4)
        text = "killed (137)" if number == 1 else "killed"
        style: dict[str, Any] = {"ha": "center", "annotation_clip": False}
        chart.write_near(axes, (at, limit_mb or 0), (0, 8), text, VERMILLION, rim=True, **style)
    for number, at in enumerate(restarts, 1):
        axes.axvline(at, color=GREEN, lw=1.2, ls=":")
        late = at > 0.85 * axes.get_xlim()[1]  # to the right of it, the name would leave the axes
        by, ha = ((-3, 4), "right") if late else ((3, 4), "left")
        chart.write_near(axes, (at, 0), by, f"restart {number}", GREEN, rim=True, ha=ha)
    if label:
        chart.end_labels(axes, labels)


def _lives(kills: Sequence[float], restarts: Sequence[float], end: float) -> list[tuple[float, float]]:
    """(start, end) of each life of the service: between two lives there is no process, and no line is drawn."""
    return list(zip([0.0, *restarts], [*kills, end], strict=False))


def _draw_answered(axes: Axes, run: Run, bin_s: float) -> None:
    axes.set_title("visits answered, % of those due")
    axes.set_xlabel("seconds from the start of the load")
    bins = [b for b in stats.timeline(run, bin_s) if b.offered]
    starts, shares = [b.start for b in bins], [100 * b.ok / b.offered for b in bins]
    axes.bar(starts, shares, width=bin_s, align="edge", color=GREEN, alpha=0.35, lw=0)
    bad = [(start, share) for start, share in zip(starts, shares, strict=True) if share < 99.5]
    axes.bar(
        [start for start, _ in bad], [100 - share for _, share in bad], bottom=[share for _, share in bad], width=bin_s,
        align="edge", color=VERMILLION, alpha=0.55, lw=0,
    )  # fmt: skip


def _story(run: Run, host: str, limits_mb: Mapping[str, float]) -> str:
    samples = run.samples(MEMORY, host)
    if none := chart.no_story(run, "visit"):
        return none
    if not samples:
        return "memory was not measured"
    most = f"at most {max(s.value for s in samples) / MB:.0f} MB"
    whole = f"from {samples[0].value / MB:.0f} to {samples[-1].value / MB:.0f} MB, {most}"
    parts = [f"memory {most if run.events(RESTART) else whole}"]  # a sawtooth may begin and end at any height
    if run.info.world in limits_mb:
        kept = "".join(event.detail.partition(" MB")[2] for event in run.events(MEMORY_LIMIT))
        parts[0] += f" (limit {limits_mb[run.info.world]:g} MB{kept})"
    if run.info.world == "live":
        parts.append(f"{plural(len(run.events(OOM_KILL)), 'kill')}, {plural(len(run.events(RESTART)), 'restart')}")
    if run.requests():
        parts.append(f"{percent(stats.success_rate(run))} of the visits answered")
    return ", ".join(parts)
