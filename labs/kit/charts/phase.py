"""The phase map: for which load and which trigger does the system recover by itself?"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, VERMILLION, Chart, percent

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Grid = Sequence[Sequence[float | None]]
RECOVERED = 0.9
"""A cell counts as recovered from this share on, and as collapsed up to 1 minus this share."""

_KEY = (
    f"\u25cf recovered, at least {percent(RECOVERED)} answered     \u00d7 collapsed, at most {percent(1 - RECOVERED)}     "
    "a number: % in between"
)


def phase_map(
    grid: Grid,
    xs: Sequence[float],
    ys: Sequence[float],
    *,
    boundary: Sequence[tuple[float, float]] = (),
    boundary_label: str = "theory",
    here: tuple[float, float] | None = None,
    here_label: str = "this lab",
    title: str = "Recovered or collapsed?",
    x_label: str = "arrival rate (requests per second)",
    y_label: str = "length of the stall (s)",
) -> Chart:
    """A map of a system's outcomes, with a symbol in each cell, so that it is readable without colour.

    Args:
        grid: grid[row][column], a row for each of `ys` and a column for each of `xs`: the share, 0 to 1, of requests
            answered at the end of the run (or of runs that recovered); None for cells without a run.
        xs: the values along the x axis, ascending; ys: those along the y axis, ascending.
        boundary: the points (x, y) of the theoretical line between the two outcomes.
        here: the point (x, y) of the learner's own system.

    Raises:
        ValueError: the grid does not have a row for each y and a column for each x, or an axis does not ascend.
    """
    _check(grid, xs, ys)
    x_edges, y_edges = _cell_edges(xs), _cell_edges(ys)
    with chart.frame(5.2, left=0.085, right=0.97, top=0.835, bottom=0.13) as (figure, [[axes]]):
        from matplotlib.colors import LinearSegmentedColormap

        axes.grid(visible=False)
        colours = LinearSegmentedColormap.from_list("phase", ["#F0B894", "#F4F0EC", "#9CC9E6"])
        values = [[float("nan") if v is None else v for v in row] for row in grid]
        axes.pcolormesh(x_edges, y_edges, values, cmap=colours, vmin=0, vmax=1, edgecolors="white", linewidth=1.2)
        for y, row in zip(ys, grid, strict=True):
            for x, value in zip(xs, row, strict=True):
                _mark(axes, x, y, value)
        axes.set_xlim(x_edges[0], x_edges[-1])
        axes.set_ylim(y_edges[0], y_edges[-1])
        _ticks(axes, xs, ys)
        axes.set_xlabel(x_label)
        axes.set_ylabel(y_label)
        chart.write_above(axes, 0, title, 42, fontsize=12, fontweight="bold")
        chart.write_above(axes, 0, _KEY, 24, fontsize=9.5)
        if boundary:
            _draw_boundary(axes, boundary, boundary_label)
        if here:
            _draw_here(axes, here, here_label)
    return Chart(figure, _summary(grid, xs, ys, here, here_label, title, x_label, y_label))


def _mark(axes: Axes, x: float, y: float, value: float | None) -> None:
    if value is None:
        return
    if value >= RECOVERED:
        axes.plot(x, y, marker="o", ms=8, color=BLUE)
    elif value <= 1 - RECOVERED:
        axes.plot(x, y, marker="x", ms=8, mew=2.2, color=chart.ink(VERMILLION))
    else:
        axes.text(x, y, f"{value * 100:.0f}", ha="center", va="center", fontsize=9.5)


def _draw_boundary(axes: Axes, boundary: Sequence[tuple[float, float]], label: str) -> None:
    axes.plot(*zip(*boundary, strict=True), color=BLACK, lw=2, ls=chart.DASHED, zorder=3)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    x, y = max(boundary, key=lambda point: point[1])
    x, y = min(max(x, left), right), min(max(y, bottom), top)
    side = "left" if x < left + 0.7 * (right - left) else "right"
    box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none"}
    chart.write_near(axes, (x, y), (0, 5), label, ha=side, va="bottom", annotation_clip=False, bbox=box)


def _draw_here(axes: Axes, here: tuple[float, float], label: str) -> None:
    axes.plot(*here, marker="o", ms=19, mfc="none", mec=BLACK, mew=2.2, zorder=4, clip_on=False)
    (left, right), (bottom, top) = axes.get_xlim(), axes.get_ylim()
    across = -1 if here[0] > left + 0.7 * (right - left) else 1
    down = -1 if here[1] > bottom + 0.7 * (top - bottom) else 1
    chart.write_near(
        axes, here, (16 * across, 17 * down), label, fontweight="bold", zorder=5, ha="left" if across > 0 else "right",
        va="center", bbox={"boxstyle": "round,pad=0.2", "fc": "white", "ec": BLACK, "lw": 0.8},
    )  # fmt: skip


def _ticks(axes: Axes, xs: Sequence[float], ys: Sequence[float]) -> None:
    axes.set_xticks(list(xs), [f"{x:g}" for x in xs])
    axes.set_yticks(list(ys), [f"{y:g}" for y in ys])
    axes.tick_params(length=0)
    for spine in axes.spines.values():
        spine.set_visible(False)


def _cell_edges(values: Sequence[float]) -> list[float]:
    """The edges of the cells around these centres: half way to the neighbours, and as far on the outer sides."""
    if len(values) == 1:
        return [values[0] - 0.5, values[0] + 0.5]
    middles = [(a + b) / 2 for a, b in pairwise(values)]
    return [2 * values[0] - middles[0], *middles, 2 * values[-1] - middles[-1]]


def _check(grid: Grid, xs: Sequence[float], ys: Sequence[float]) -> None:
    for name, axis in (("xs", xs), ("ys", ys)):
        if not axis or any(a >= b for a, b in pairwise(axis)):
            raise ValueError(f"{name} must hold at least one value and ascend, not {list(axis)}")
    if len(grid) != len(ys) or any(len(row) != len(xs) for row in grid):
        shape = f"{len(grid)} rows of {sorted({len(row) for row in grid})} columns"
        raise ValueError(f"the grid has {shape}; give {len(ys)} rows, one a y, of {len(xs)} columns, one an x")


def _summary(
    grid: Grid,
    xs: Sequence[float],
    ys: Sequence[float],
    here: tuple[float, float] | None,
    here_label: str,
    title: str,
    x_label: str,
    y_label: str,
) -> str:
    cells = [(x, y, v) for y, row in zip(ys, grid, strict=True) for x, v in zip(xs, row, strict=True) if v is not None]
    good = sum(v >= RECOVERED for _, _, v in cells)
    bad = [(x, y) for x, y, v in cells if v <= 1 - RECOVERED]
    text = (
        f"{title} {x_label} {xs[0]:g} to {xs[-1]:g} by {y_label} {ys[0]:g} to {ys[-1]:g}: "
        f"of {len(cells)} cells {good} recovered, {len(bad)} collapsed, {len(cells) - good - len(bad)} lie in between"
    )
    if bad:
        text += f"; the lowest {x_label} to collapse is {min(bad)[0]:g}, at {y_label} {min(bad)[1]:g}"
    if here:
        text += f"; {here_label} is at {here[0]:g} and {here[1]:g}"
    return text + "."
