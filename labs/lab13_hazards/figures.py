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
Box = tuple[float, float, float, float]
"""Left, lower, right and upper edge, in px."""


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
                true = readings.of_twins(run, code).precision
                for value, colour, by in ((readings.recall(run, code), chart.BLUE, -0.2), (true, chart.ORANGE, 0.2)):
                    axes.barh(row + by, value, 0.34, color=colour)
                    told, place = chart.percent(value), (value, row + by)
                    chart.write_near(axes, place, (4, 0), told, colour, rim=True, va="center", fontsize=8.5)
            for goal, colour in ((FOUND_GOAL, chart.BLUE), (TRUE_GOAL, chart.ORANGE)):
                axes.axvline(goal, color=colour, lw=1.1, ls=chart.DASHED)
        chart.write_above(grid[0][0], 0, "hazards found (blue), findings that are true (orange); dashed: what is asked", 5)
    return Chart(figure, chart.stories(titles, runs, _story))


def _story(run: Run) -> str:
    told = []
    for code in CODES:
        shares = [chart.percent(share) for share in (readings.recall(run, code), readings.of_twins(run, code).precision)]
        told.append(f"{code} found {shares[0]}, and {shares[1]} of its findings were true")
    return ", ".join(told)


def plane(places: Mapping[str, Point], yours: str) -> Chart:
    """Linters by their two errors: hazards found by the worst rule, and findings that are true. Equals share a point."""
    groups: dict[Point, list[str]] = {}
    for name, (found, true) in places.items():
        groups.setdefault((round(found, 2), round(true, 2)), []).append(name)
    margins = {"left": 0.085, "right": 0.97, "top": 0.93, "bottom": 0.12}
    with chart.frame(5.2, **margins) as (figure, [[axes]]):
        axes.set(xlim=(-0.03, 1.03), ylim=(-0.04, 1.08), xlabel="hazards found, by the worst rule")
        ticks = [n / 5 for n in range(6)]
        axes.set_xticks(ticks, [chart.percent(tick) for tick in ticks])
        axes.set_yticks(ticks, [chart.percent(tick) for tick in ticks])
        chart.write_above(axes, 0, "findings that are true, on twins or in our own code", 5, fontsize=10)
        axes.fill_between([FOUND_GOAL, 1.03], TRUE_GOAL, 1.08, color=chart.GREEN, alpha=0.1, lw=0)
        chart.write_near(axes, (FOUND_GOAL, 1.08), (4, -13), "what is asked", chart.GREEN)
        _draw(axes, groups, yours)
    told = "; ".join(f"{name}: {chart.percent(x)} found, {chart.percent(y)} true" for name, (x, y) in places.items())
    return Chart(figure, f"Hazards found by the worst rule, and findings that are true: {told}.")


def _draw(axes: Axes, groups: Mapping[Point, Sequence[str]], yours: str) -> None:
    """Draw the points, each with its names beside it: at the first place where they cover no point and no other names."""
    px = {at: axes.transData.transform(at) for at in groups}
    taken = [(x - 6, y - 6, x + 6, y + 6) for x, y in px.values()]
    for at, (x, y) in sorted(px.items(), key=lambda item: (yours not in groups[item[0]], -item[0][1])):
        mine, names = yours in groups[at], groups[at]
        colour = chart.ORANGE if mine else chart.BLUE
        axes.plot(*at, color=colour, ls="none", marker="D" if mine else "o", ms=9 if mine else 6, zorder=3 + mine)
        width, height = max(chart.text_px(name) for name in names), LINE_PX * len(names)
        for down in (0, 12, -12, 24, -24, 36, -36):
            for side in (1, -1):
                left, low = x + (12 if side > 0 else -12 - width), y - down - height / 2
                box = (left, low, left + width, low + height)
                inside = axes.bbox.x0 < box[0] and box[2] < axes.bbox.x1 and box[1] > axes.bbox.y0
                if inside and not any(_cover(box, other) for other in taken):
                    break
            else:
                continue
            break
        taken.append(box)
        style = {"ha": "left" if side > 0 else "right", "va": "center"}
        chart.write_near(axes, at, (8.6 * side, -0.72 * down), "\n".join(names), colour, rim=True, **style)


def _cover(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
