"""The pictures that only this lab draws: a night over time, and the size of a batch against pace and waiting."""

from __future__ import annotations

import itertools
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart, names, record
from labs.lab09_batches import data, readings
from labs.lab09_batches.checks import SOON_S
from labs.lab09_batches.model import FIXED_S, ITEM_S
from labs.lab09_batches.scenarios import LIMIT_MB, NIGHT_S, ROOM_MB

if TYPE_CHECKING:
    from matplotlib.axes import Axes

ASKED = data.EVENTS["large"] / NIGHT_S
"""Events a second that the large file asks for."""
LAST_READ_S = 0.2
"""So long after a process was killed, a reading of its memory is still of that process."""


def night(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two nights: above, the memory of the pipeline; below, the rows that it has kept, and how far it is."""
    margins = {"left": 0.075, "right": 0.83, "top": 0.86, "bottom": 0.1, "hspace": 0.3, "wspace": 0.1}
    with chart.columns(5.4, titles, (2, 3), **margins) as (figure, grid):
        for run, (memory, rows) in zip(runs, grid.T, strict=True):
            ended = [e.time for kind in (names.KILLED, names.OOM_KILL) for e in run.events(kind)]
            ended += [e.time for e in run.events(names.FAULT_ON) if e.detail.startswith("Kill")]
            limit = _draw_memory(memory, run, ended)
            ends = _draw_rows(rows, run)
            memory.set_xlim(0, run.info.seconds)
            for at in ended:
                memory.axvline(at, color=chart.VERMILLION, lw=1.1, ls=chart.DOTTED)
                rows.axvline(at, color=chart.VERMILLION, lw=1.1, ls=chart.DOTTED)
            rows.set_xlabel("time (s)")
            live = run.info.world == "live"
            whose = "memory of the process (MB); dashed: limit" if live else "the night's own memory (MB); dashed: room"
            chart.write_above(memory, 0, whose, 5, fontsize=10)
        chart.write_above(grid[1][0], 0, "events, in thousands; dotted red: the process was killed", 5, fontsize=10)
        grid[0][0].set_ylim(bottom=0)
        most = max(
            [readings.events_in(run) for run in runs] + [s.value for run in runs for s in _samples(run, readings.ROWS)]
        )
        grid[1][0].set_ylim(0, most / 1000 * 1.06)
        chart.end_labels(grid[0][-1], [limit])
        chart.end_labels(grid[1][-1], ends)
    return Chart(figure, chart.stories(titles, runs, _story))


def _samples(run: Run, signal: str) -> list[record.Sample]:
    return list(run.said.samples(signal, readings.NIGHT))


def _draw_memory(axes: Axes, run: Run, ended: Sequence[float]) -> chart.Label:
    """Memory over time, a line for each life of the process; returns the label of the bound."""
    held = run.samples(names.MEMORY, readings.NIGHT)
    for begin, end in itertools.pairwise([0.0, *(at + LAST_READ_S for at in sorted(ended)), math.inf]):
        life = [s for s in held if begin < s.time <= end]
        axes.plot([s.time for s in life], [s.value / names.MB for s in life], color=chart.BLUE)
    live = run.info.world == "live"
    return chart.bound(axes, LIMIT_MB if live else ROOM_MB, f"limit {LIMIT_MB:g}" if live else f"room {ROOM_MB:g}", zorder=2)


def _draw_rows(axes: Axes, run: Run) -> list[chart.Label]:
    rows = [(s.time, s.value / 1000) for s in _samples(run, readings.ROWS)]
    place = [(s.time, readings.passed(run, s.value) / 1000) for s in _samples(run, readings.PLACE)]
    axes.step(*_steps(rows), where="post", color=chart.ORANGE, lw=3.0)
    axes.step(*_steps(place), where="post", color=chart.GREEN, lw=1.6)
    goal = chart.bound(axes, readings.events_in(run) / 1000, "in the file", zorder=2)
    lines = ((rows, "rows kept", chart.ORANGE), (place, "events\npassed", chart.GREEN))
    return [goal, *((points[-1][1] if points else 0.0, name, colour) for points, name, colour in lines)]


def _steps(points: Sequence[tuple[float, float]]) -> tuple[list[float], list[float]]:
    return [at for at, _ in points], [value for _, value in points]


def _story(run: Run) -> str:
    rows, place = _samples(run, readings.ROWS), _samples(run, readings.PLACE)
    kept = rows[-1].value if rows else 0
    passed = readings.passed(run, place[-1].value) if place else 0
    held = max((s.value for s in run.samples(names.MEMORY, readings.NIGHT)), default=0.0) / names.MB
    whose = "the whole process held" if run.info.world == "live" else "the night held"
    done = f"{kept:,.0f} rows kept and {passed:,.0f} of {readings.events_in(run):,} events passed"
    return f"{whose} at most {held:.0f} MB; {done} by second {run.info.seconds:g}"


def curve(
    pace: Mapping[int, float], waits: Mapping[int, tuple[float, float]], predicted: float | None = None
) -> Chart:  # fmt: skip
    """The size of a batch: left, events a second of a night; right, the wait for a score in a rush, by the most in a call.

    Args:
        pace: events a second, by size.
        waits: (p50, p99) in seconds, by size.
        predicted: the smallest size that the learner expects to be enough for the night.
    """
    margins = {"left": 0.075, "right": 0.87, "top": 0.84, "bottom": 0.14, "wspace": 0.5}
    with chart.frame(4.2, 1, 2, **margins) as (figure, [(left, right)]):
        sizes = sorted(pace)
        fine = [sizes[0] * (sizes[-1] / sizes[0]) ** (i / 80) for i in range(81)]
        left.plot(fine, [n / (FIXED_S + n * ITEM_S) for n in fine], color=chart.GREY, lw=1.3, ls=chart.DASHED)
        left.plot(sizes, [pace[n] for n in sizes], color=chart.BLUE, marker="o", ls="none", ms=6)
        chart.log_sizes(left, sizes)
        left.set_ylim(0, 1.1 / ITEM_S)
        asked = chart.bound(left, ASKED, f"asked for:\n{ASKED:,.0f}", zorder=2)
        if predicted is not None:
            left.axvline(predicted, color=chart.ORANGE, lw=1.4, ls=chart.DOTTED)
            chart.write_near(left, (predicted, 1 / ITEM_S), (4, -8), "your\nprediction", chart.ORANGE, fontsize=9)
        law = (fine[-1] / (FIXED_S + fine[-1] * ITEM_S), "n / (20 ms +\nn x 0.2 ms)", chart.GREY)
        chart.end_labels(left, [law, asked])
        _draw_waits(right, waits)
        for axes, head, unit, label in (
            (left, "a night", "events a second", "events in a call (log scale)"),
            (right, "a rush of 225 scores a second", "wait for a score (log scale)", "most records in a call (log scale)"),
        ):
            chart.write_above(axes, 0, head, 22, fontsize=11.5, fontweight="bold")
            chart.write_above(axes, 0, unit, 5, fontsize=10)
            axes.set_xlabel(label)
    told = ", ".join(f"{n}: {pace[n]:,.0f}" for n in sorted(pace))
    waited = ", ".join(f"{n}: {chart.seconds(p99)}" for n, (_, p99) in sorted(waits.items()))
    return Chart(figure, f"Events a second by the size of a batch: {told}. Wait for a score in a rush, p99: {waited}.")


def _draw_waits(axes: Axes, waits: Mapping[int, tuple[float, float]]) -> None:
    sizes = sorted(waits)
    labels = []
    for place, name, colour, mark in ((1, "p99", chart.VERMILLION, "s"), (0, "p50", chart.BLUE, "o")):
        axes.plot(sizes, [waits[n][place] for n in sizes], color=colour, marker=mark, ms=6)
        labels.append((waits[sizes[-1]][place], name, colour))
    chart.log_sizes(axes, sizes)
    chart.log_seconds(axes, 0.01, 4.0)
    labels.insert(0, chart.bound(axes, SOON_S, f"objective\n{1000 * SOON_S:.0f} ms", zorder=2))
    chart.end_labels(axes, labels)
