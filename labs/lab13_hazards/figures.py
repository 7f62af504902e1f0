"""The pictures that only this lab draws: what each rule finds, and linters in the plane of recall and precision."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart
from labs.lab13_hazards import readings
from labs.lab13_hazards.checks import FOUND_GOAL, TRUE_GOAL
from labs.lab13_hazards.twins import CODES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

KINDS = {"BF101": "BF101 blocks", "BF102": "BF102 no limit", "BF103": "BF103 grows", "BF104": "BF104 not given back"}
LINE_PX = 15
Point = tuple[float, float]
"""Recall and precision, from 0 to 1."""


def kinds(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """For each rule: the share of the judged hazards that it found, and of its findings that were hazards."""
    names = [KINDS[code] for code in CODES]
    margins = {"left": chart.room_for(names), "right": 0.97, "top": 0.8, "bottom": 0.17, "wspace": 0.12}
    with chart.columns(3.4, titles, (1,), **margins) as (figure, grid):
        for run, axes in zip(runs, grid[0], strict=True):
            chart.rows_of(axes, names)
            axes.set(xlim=(0, 1.12), xlabel="share")
            axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
            for row, code in enumerate(CODES):
                score = readings.of_twins(run, code)
                for value, colour, by in ((score.recall, chart.BLUE, -0.2), (score.precision, chart.ORANGE, 0.2)):
                    axes.barh(row + by, value, 0.34, color=colour)
                    chart.write_near(
                        axes, (value, row + by), (4, 0), chart.percent(value), colour, va="center", fontsize=8.5
                    )
            for goal, colour in ((FOUND_GOAL, chart.BLUE), (TRUE_GOAL, chart.ORANGE)):
                axes.axvline(goal, color=colour, lw=1.1, ls=chart.DASHED)
        chart.write_above(grid[0][0], 0, "hazards found (blue), findings that are true (orange); dashed: what is asked", 5)
    return Chart(figure, chart.stories(titles, runs, _story))


def _story(run: Run) -> str:
    told = []
    for code in CODES:
        score = readings.of_twins(run, code)
        told.append(f"{code} found {chart.percent(score.recall)}, and {chart.percent(score.precision)} of it was true")
    return ", ".join(told)


def plane(places: Mapping[str, Point], yours: str) -> Chart:
    """Linters by their two errors: hazards found, and findings that are true."""
    margins = {"left": 0.085, "right": 0.97, "top": 0.93, "bottom": 0.12}
    with chart.frame(5.0, **margins) as (figure, [[axes]]):
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.03, 1.06), xlabel="hazards found, all four rules")
        ticks = [n / 5 for n in range(6)]
        axes.set_xticks(ticks, [chart.percent(tick) for tick in ticks])
        axes.set_yticks(ticks, [chart.percent(tick) for tick in ticks])
        chart.write_above(axes, 0, "findings that are true", 5, fontsize=10)
        axes.fill_between([FOUND_GOAL, 1.03], TRUE_GOAL, 1.06, color=chart.GREEN, alpha=0.1, lw=0)
        chart.write_near(axes, (FOUND_GOAL, TRUE_GOAL), (4, -12), "what is asked, of each rule", chart.GREEN)
        for right in (False, True):
            _draw(axes, {name: at for name, at in places.items() if (at[0] > 0.5) is right}, yours, right)
    told = "; ".join(f"{name}: {chart.percent(x)} found, {chart.percent(y)} true" for name, (x, y) in places.items())
    return Chart(figure, f"Hazards found, and findings that are true: {told}.")


def _draw(axes: Axes, places: Mapping[str, Point], yours: str, right: bool) -> None:
    """Draw points of one half of the plane, each with its name beside it; names are moved apart."""
    names = sorted(places, key=lambda name: places[name][1])
    heights = [axes.transData.transform(places[name])[1] for name in names]
    apart = chart.apart(heights, [LINE_PX * 1.5] * len(names), axes.get_window_extent().y1)
    for name, height, at in zip(names, heights, apart, strict=True):
        mine = name == yours
        colour = chart.ORANGE if mine else chart.BLUE
        axes.plot(*places[name], color=colour, ls="none", marker="D" if mine else "o", ms=9 if mine else 6, zorder=3 + mine)
        by = (-9.0 if right else 9.0, 0.48 * (at - height))
        chart.write_near(axes, places[name], by, name, colour, ha="right" if right else "left", va="center", rim=True)
