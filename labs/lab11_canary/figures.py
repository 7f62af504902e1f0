"""The pictures that only this lab draws: a release, second by second; and controllers in the plane of their two errors."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from labs.kit import Chart, Run, chart
from labs.lab11_canary import readings, theory

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIN_S = 3
LEAST = 0.001
"""Shares of false halts are drawn from here on; none at all is drawn here."""
BOUNDS = [n / 4 for n in range(4, 31)]
SHOWN = (math.log(10), math.log(100), math.log(1000))
"""Bounds of the sequential test: the curve's, and those with their users written beside them."""
LINE_PX = 15
MIDDLE = 0.05
"""To the right of this share, names stand to the left of their points."""
Point = tuple[float, float]


def release(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two runs: errors of each version, and the share that was decided beside the share that the new version got."""
    margins = {"left": 0.075, "right": 0.85, "top": 0.86, "bottom": 0.1, "hspace": 0.3, "wspace": 0.1}
    with chart.columns(5.2, titles, (3, 3), **margins) as (figure, grid):
        chart.write_above(grid[0][0], 0, "failed requests of each version (%)", 5, fontsize=10)
        chart.write_above(grid[1][0], 0, "share of the new version (%)", 5, fontsize=10)
        for run, (errors, share) in zip(runs, grid.T, strict=True):
            labels, decided = _errors(errors, run), _share(share, run)
            share.set_xlim(0, run.info.load_s)
            share.set_xlabel("time (s)")
        grid[0][0].set_ylim(-3, max(30, *(axes.get_ylim()[1] for axes in grid[0])))
        grid[1][0].set_ylim(-3, 105)
        chart.end_labels(grid[0][-1], labels)
        chart.end_labels(grid[1][-1], decided)
    return Chart(figure, chart.stories(titles, runs, _story))


def _errors(axes: Axes, run: Run) -> list[chart.Label]:
    """Draw the failures of both versions, and of all requests as a dashboard has them; returns the labels."""
    every = [(r.intended, not r.ok) for r in run.requests()]
    groups = {
        "new version": (readings.exchanges(run, readings.CANARY), chart.VERMILLION, 2.2),
        "old version": (readings.exchanges(run, readings.STABLE), chart.BLUE, 2.2),
        "all requests": (every, chart.GREY, 1.4),
    }
    labels = []
    for name, (rows, colour, width) in groups.items():
        values = _percent(run, rows)
        axes.plot(*zip(*values, strict=True), color=colour, lw=width, ls=chart.DASHED if width < 2 else "-")
        if drawn := [value for _, value in values if not math.isnan(value)]:
            labels.append((drawn[-1], name, colour))
    killed = readings.killed_s(run)
    if math.isfinite(killed):
        axes.axvline(killed, color=chart.GREY, lw=1.1, ls=chart.DOTTED)
        chart.write_near(axes, (killed, 24.0), (4.0, 0.0), "router killed", chart.GREY)
    return labels


def _percent(run: Run, rows: Sequence[tuple[float, bool]]) -> list[Point]:
    """How many of the rows are true in each BIN_S, in %: (time, percentage), nan without rows."""
    values = []
    for start in range(0, int(run.info.load_s), BIN_S):
        some = [hit for time, hit in rows if start <= time < start + BIN_S]
        values.append((start + BIN_S / 2, 100 * sum(some) / len(some) if some else math.nan))
    return values


def _share(axes: Axes, run: Run) -> list[chart.Label]:
    changes = [*readings.shares(run), (run.info.load_s, readings.shares(run)[-1][1])]
    last = changes[-1][1]
    axes.step([at for at, _ in changes], [100 * share for _, share in changes], where="post", color=chart.BLACK, lw=1.2)
    got = _percent(run, [(s.time, s.version == readings.CANARY) for s in readings.served(run)])
    axes.plot(*zip(*got, strict=True), color=chart.ORANGE, lw=2.2)
    if end := readings.end(run):
        axes.axvline(end[0], color=chart.GREY, lw=1.1, ls=chart.DOTTED)
        late, told = end[0] > 0.8 * run.info.load_s, {"out": "out", "halt": "halted"}.get(end[1], "rolled back")
        at, by = (end[0], 90.0 if last < 0.5 else 8.0), (-4.0 if late else 4.0, 0.0)
        chart.write_near(axes, at, by, told, chart.GREY, ha="right" if late else "left")
    return [(100 * last, "decided", chart.BLACK), (got[-1][1], "requests\nit got", chart.ORANGE)]


def _story(run: Run) -> str:
    reached = readings.users_reached(run) or 0.0
    got = readings.exchanges(run, readings.CANARY)
    failed = sum(failed for _, failed in got)
    how = {"out": "let out to everybody", "halt": "halted", "rollback": "rolled back"}
    end = readings.end(run)
    told = f"the release was {how[end[1]]} at second {end[0]:.0f}" if end else "the release was not decided"
    return f"{told}, the new version answered {reached:.0f}% of the users, and {failed} of {len(got)} requests to it failed"


def plane(points: Mapping[str, Sequence[readings.Ended]], yours: str, goals: tuple[float, float]) -> Chart:
    """Controllers by their two errors: good releases stopped, and users harmed by a bad one.

    Args:
        points: how the good and how the bad releases of the fleet ended, for each controller.
        yours: the name of the learner's own.
        goals: the share of good releases, and the number of users, that are allowed.
    """
    places = {name: _place(*ended) for name, ended in points.items()}
    names = sorted(places, key=lambda name: places[name][::-1])
    margins = {"left": 0.085, "right": 0.97, "top": 0.93, "bottom": 0.11}
    with chart.frame(5.4, **margins) as (figure, [[axes]]):
        axes.set(xscale="log", yscale="log", xlim=(LEAST * 0.7, 1.8), ylim=(0.8, 700))
        axes.set_xticks([0.001, 0.01, 0.1, 1], ["none", "1%", "10%", "100%"])
        axes.set_yticks([1, 10, 100], ["1", "10", "100"])
        axes.set_xlabel("good releases stopped (log scale)")
        chart.write_above(axes, 0, "users harmed by a bad release, mean (log scale)", 5, fontsize=10)
        axes.fill_between([LEAST * 0.7, goals[0]], 0.8, goals[1], color=chart.GREEN, alpha=0.1, lw=0)
        chart.write_near(axes, goals, (-4, -4), "what is asked", chart.GREEN, ha="right", va="top")
        axes.plot(*zip(*map(theory.wald, BOUNDS), strict=True), color=chart.BLACK, lw=1.4, ls=chart.DASHED)
        for bound in SHOWN:
            at = theory.wald(bound)
            axes.plot(*at, color=chart.BLACK, marker=".", ms=8)
            chart.write_near(axes, at, (0, -12), f"{at[1]:.1f}", chart.BLACK, ha="center")
        chart.write_near(axes, theory.wald(SHOWN[-1]), (-6, -46), "Wald: one test of one count, bad at once", chart.BLACK)
        for right in (False, True):
            _draw_points(axes, [name for name in names if (places[name][0] > MIDDLE) is right], places, yours, right)
    told = "; ".join(f"{name}: {chart.percent(x if x > LEAST else 0)}, {y:.0f} users" for name, (x, y) in places.items())
    return Chart(figure, f"Good releases stopped, and users harmed by a bad one: {told}.")


def _draw_points(axes: Axes, names: Sequence[str], places: Mapping[str, Point], yours: str, right: bool) -> None:
    """Draw points that are in one half of the plane, each with its name beside it; names are moved apart."""
    to_px = axes.transData.transform
    heights = [to_px(places[name])[1] for name in names]
    apart = chart.apart(heights, [LINE_PX] * len(names), axes.get_window_extent().y1)
    for name, height, at in zip(names, heights, apart, strict=True):
        colour = chart.ORANGE if name == yours else chart.BLUE
        look: dict[str, Any] = (
            {"marker": "D", "ms": 9, "zorder": 4} if name == yours else {"marker": "o", "ms": 6, "zorder": 3}
        )
        axes.plot(*places[name], color=colour, ls="none", **look)
        by = (-9.0 if right else 9.0, 0.72 * (at - height))
        chart.write_near(axes, places[name], by, name, colour, ha="right" if right else "left", va="center", rim=True)


def _place(good: readings.Ended, bad: readings.Ended) -> Point:
    return max(LEAST, good.stopped / good.releases), max(1.0, bad.harmed / bad.releases)
