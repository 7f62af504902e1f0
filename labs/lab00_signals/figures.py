"""The picture that only this lab draws: which failed orders each place knows of."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart
from labs.lab00_signals import readings
from labs.lab00_signals.readings import SERVICES

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ERRORS = {"UnknownProduct": (chart.VERMILLION, "o"), "DiskFull": (chart.BLUE, "s"), "StockLocked": (chart.ORANGE, "^")}
"""Colour and mark of each error that there is in the scenario "orders","""
OTHERS = (chart.GREY, "D")
"""and of all others."""


def rows(run: Run) -> dict[str, list[tuple[float, str]]]:
    """(second of the order, error that it met) by who knows of it: really, by status, and by the log of each service."""
    failed = readings.failed(run)
    logs = readings.by_service_and_id(readings.error_logs(run))
    known = {
        "really failed": [(order.at, order.met) for order in failed],
        "status 5xx": [(order.at, order.met) for order in failed if order.status >= 500],
    }
    for service in SERVICES:
        known[f"error log: {service}"] = [(o.at, o.met) for o in failed if logs.get((service, o.request_id))]
    return known


def seen(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two runs: each failed order as a mark, in a row for each place that could know of it."""
    from matplotlib.lines import Line2D

    margins = {"left": 0.175, "right": 0.98, "top": 0.79, "bottom": 0.17, "wspace": 0.06}
    with chart.frame(3.1, 1, len(runs), sharey=True, **margins) as (figure, [grid]):
        for axes, run, title in zip(grid, runs, titles, strict=True):
            known = rows(run)
            _draw(axes, known)
            axes.set_xlim(0, run.info.load_s)
            axes.set_xlabel("second at which the order came")
            shows = f"{title}: {len(known['status 5xx'])} of {len(known['really failed'])} answered 5xx"
            chart.write_above(axes, 0, shows, 8, fontsize=10.5, fontweight="bold")
        met = {error for run in runs for marks in rows(run).values() for _, error in marks}
        legend = ERRORS | ({} if met <= ERRORS.keys() else {"another": OTHERS})
        for number, (name, (colour, mark)) in enumerate(legend.items()):
            at = 0.175 + 0.19 * number
            figure.text(at + 0.016, 0.94, name, fontsize=9.5, color=chart.ink(colour), va="center")
            figure.add_artist(Line2D([at + 0.006], [0.94], marker=mark, color=colour, ls="none", ms=7))
    told = []
    for run, title in zip(runs, titles, strict=True):
        counts = ", ".join(f"{name} {len(marks)}" for name, marks in rows(run).items())
        told.append(f"{title}, of {chart.plural(len(readings.orders(run)), 'order')}: {counts}")
    return Chart(figure, f"Failed orders, and who knows of them. {'; '.join(told)}.")


def _draw(axes: Axes, known: dict[str, list[tuple[float, str]]]) -> None:
    chart.rows_of(axes, list(known))
    for number, marks in enumerate(known.values()):
        axes.axhline(number, color=chart.GREY, lw=0.6, alpha=0.5, zorder=0.5)
        for at, met in marks:
            colour, mark = ERRORS.get(met, OTHERS)
            axes.scatter(
                [at], [number], s=52, color=colour, marker=mark, edgecolors="white", linewidths=0.8, zorder=2, clip_on=False
            )
