"""The table of policies as bars: how much each one answered at the end, and how soon it had recovered."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, GREY, ORANGE, VERMILLION, Chart, percent, seconds

if TYPE_CHECKING:
    from matplotlib.axes import Axes


@dataclass(frozen=True)
class Policy:
    """One row: the share of requests answered at the end, 0 to 1, and seconds to recovery, `math.inf` for never."""

    name: str
    success: float
    recovery_s: float


def policy_bars(
    policies: Sequence[Policy],
    *,
    objective: float | None = None,
    title: str = "Policies compared",
    tail: str = "the last 8 s",
) -> Chart:
    """Bars for each policy, in the order given: success on the left, recovery on the right.

    Args:
        objective: the success, 0 to 1, that counts as repaired; drawn as a line.
        tail: the window of the success, in words.

    Raises:
        ValueError: no policies.
    """
    if not policies:
        raise ValueError("no policies to compare: give at least one")
    rows = list(range(len(policies)))
    height = 1.35 + 0.3 * len(policies)
    with chart.settings():
        figure = chart.new_figure(height)
        success, recovery = figure.subplots(1, 2, sharey=True)
        names = [p.name for p in policies]
        figure.subplots_adjust(
            left=chart.room_for(names), right=0.94, top=1 - 0.75 / height, bottom=0.5 / height, wspace=0.14
        )
        for axes in (success, recovery):
            chart.rows_of(axes, names)
        _draw_success(success, policies, rows, objective)
        _draw_recovery(recovery, policies, rows)
        success.set_title(f"answered in {tail}")
        recovery.set_title("time to recover after the fault")
        figure.text(0.01, 1 - 0.14 / height, title, fontsize=12, fontweight="bold", va="top")
    return Chart(figure, _summary(policies, tail))


def _draw_success(axes: Axes, policies: Sequence[Policy], rows: Sequence[int], objective: float | None) -> None:
    good = 0.9 if objective is None else objective
    colours = [BLUE if p.success >= good else VERMILLION for p in policies]
    axes.barh(rows, [p.success for p in policies], height=0.66, color=colours)
    axes.set_xlim(0, 1.13)
    axes.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0%", "25%", "50%", "75%", "100%"])
    for row, policy in zip(rows, policies, strict=True):
        chart.write_beside(axes, policy.success, row, percent(policy.success))
    if objective is not None:
        axes.axvline(objective, color=BLACK, lw=1.2, ls=(0, (6, 2)))
        axes.annotate(
            f"objective {percent(objective)}", (objective, 0), xycoords=("data", "axes fraction"), xytext=(0, -30),
            textcoords="offset points", ha="center", fontsize=9.5, annotation_clip=False,
        )  # fmt: skip


def _draw_recovery(axes: Axes, policies: Sequence[Policy], rows: Sequence[int]) -> None:
    known = [p.recovery_s for p in policies if math.isfinite(p.recovery_s)]
    width = 1.1 * max([*known, 1.0])
    axes.set_xlim(0, 1.13 * width)
    axes.set_xlabel("seconds")
    for row, policy in zip(rows, policies, strict=True):
        if math.isfinite(policy.recovery_s):
            axes.barh(row, policy.recovery_s, height=0.66, color=ORANGE)
            chart.write_beside(axes, policy.recovery_s, row, seconds(policy.recovery_s))
        else:
            axes.barh(row, width, height=0.66, facecolor="white", edgecolor="#BBBBBB", hatch="////", lw=0.8)
            chart.halo(axes.text(width / 2, row, "never", ha="center", va="center", fontsize=9.5, color=GREY))


def _summary(policies: Sequence[Policy], tail: str) -> str:
    told = "; ".join(f"{p.name}: {percent(p.success)}, {_recovers(p.recovery_s)}" for p in policies)
    return f"Share answered in {tail}, and recovery: {told}."


def _recovers(after_s: float) -> str:
    return "never recovers" if math.isinf(after_s) else f"recovers in {seconds(after_s)}"
