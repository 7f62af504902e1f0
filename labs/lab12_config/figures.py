"""The pictures that only this lab draws: calls at once at the bank, and who has a feature."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.kit import Chart, Run, chart, stats
from labs.lab12_config import readings
from labs.lab12_config.scenarios import CUT_AT_S, CUT_TO, GIFT, HALF_STAGE, RESTARTED_IN, STAGES, USERS, WRITTEN_AT_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BIN_S, MOST_CALLS = 0.5, 12


def limits(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two runs of `incident`: orders confirmed and failed, and the most calls at once to the bank, over time."""
    margins = {"left": 0.07, "right": 0.85, "top": 0.86, "bottom": 0.1, "hspace": 0.3, "wspace": 0.08}
    with chart.columns(5.2, titles, (3, 3), **margins) as (figure, grid):
        chart.write_above(grid[0][0], 0, "orders a second, by when they came", 5, fontsize=10)
        chart.write_above(grid[1][0], 0, "most calls at once to the bank", 5, fontsize=10)
        for run, (orders, calls) in zip(runs, grid.T, strict=True):
            labels = _orders(orders, run)
            most = _calls(calls, run)
            for axes in (orders, calls):
                axes.set_xlim(0, run.info.load_s)
                axes.axvline(WRITTEN_AT_S, color=chart.GREY, lw=1.1, ls=chart.DOTTED)
            calls.set_xlabel("time (s)")
        grid[0][0].set_ylim(0, None)
        grid[1][0].set_ylim(0, MOST_CALLS)
        chart.write_near(grid[1][0], (WRITTEN_AT_S, MOST_CALLS * 0.93), (4, 0), "file written", chart.GREY, fontsize=9)
        chart.end_labels(grid[0][-1], labels)
        chart.end_labels(grid[1][-1], [(CUT_TO, f"the bank allows {CUT_TO}", chart.BLACK), most])
    return Chart(figure, chart.stories(titles, runs, _story))


def _bins(run: Run) -> list[float]:
    return [number * BIN_S for number in range(round(run.info.load_s / BIN_S))]


def _orders(axes: Axes, run: Run) -> list[chart.Label]:
    starts, labels = _bins(run), []
    for ok, colour, name, width in ((True, chart.BLUE, "confirmed", 2.2), (False, chart.VERMILLION, "failed", 1.6)):
        asked = [r.intended for r in run.requests() if r.ok == ok]
        values = [sum(start <= at < start + BIN_S for at in asked) / BIN_S for start in starts]
        axes.plot([start + BIN_S / 2 for start in starts], values, color=colour, lw=width, ls="-" if ok else chart.DASHED)
        labels.append((sum(values[-4:]) / 4, name, colour))
    return labels


def _calls(axes: Axes, run: Run) -> chart.Label:
    starts = _bins(run)
    values = [stats.most_in_flight(run, readings.BANK, start, start + BIN_S) for start in starts]
    axes.step([*starts, run.info.load_s], [*values, values[-1]], where="post", color=chart.ORANGE, lw=2)
    axes.fill_between([*starts, run.info.load_s], [*values, values[-1]], step="post", color=chart.ORANGE, alpha=0.3, lw=0)
    axes.plot([CUT_AT_S, run.info.load_s], [CUT_TO, CUT_TO], color=chart.BLACK, lw=1.3, ls=chart.DASHED)
    return sum(values[-4:]) / 4, "calls at once", chart.ORANGE


def _story(run: Run) -> str:
    return (
        f"{chart.percent(readings.failed_after(run) / 100)} of the orders from second 7 on failed, with up to"
        f" {readings.calls_after(run):.0f} calls at once to a bank that allows {CUT_TO}"
    )


def users(runs: Sequence[Run], titles: Sequence[str]) -> Chart:
    """One or two runs of `flags`: the share of users with the feature, and who has changed sides, stage by stage."""
    margins = {"left": 0.07, "right": 0.84, "top": 0.86, "bottom": 0.16, "hspace": 0.32, "wspace": 0.08}
    heads = [_head(stage) for stage in range(len(STAGES))]
    with chart.columns(5.4, titles, (3, 2), **margins) as (figure, grid):
        chart.write_above(grid[0][0], 0, f"users of {USERS:,} with the feature (%)", 5, fontsize=10)
        chart.write_above(grid[1][0], 0, "users who changed sides, and should not (%)", 5, fontsize=10)
        for run, (share, moved) in zip(runs, grid.T, strict=True):
            express = {stage: asked[0] for stage, asked in readings.stages(run, "express").items()}
            stages = sorted(express)
            share.step([*range(len(STAGES)), len(STAGES)], [*map(_wanted, range(len(STAGES))), 0], where="post",
                       color=chart.BLACK, lw=1.3, ls=chart.DASHED)  # fmt: skip
            measured = [100 * len(express[s]) / USERS for s in stages]
            share.plot([s + 0.5 for s in stages], measured, "o", color=chart.BLUE, ms=6)
            moved.bar([s + 0.5 for s in stages], [100 * wrongly_moved(express, s) / USERS for s in stages], width=0.7,
                      color=chart.VERMILLION)  # fmt: skip
            for axes in (share, moved):
                axes.axvline(RESTARTED_IN + 0.3, color=chart.GREY, lw=1.1, ls=chart.DOTTED)
                axes.set_xlim(0, len(STAGES))
            moved.set_xticks([s + 0.5 for s in range(len(STAGES))], heads, fontsize=8, rotation=60)
            moved.set_xlabel("what the file says of the flag `express`")
        grid[0][0].set_ylim(-4, 108)
        grid[1][0].set_ylim(0, 60)
        chart.write_near(grid[0][0], (RESTARTED_IN + 0.3, 104), (-4, 0), "restart", chart.GREY, fontsize=9, ha="right")
        chart.end_labels(grid[0][-1], [(22, "in the file", chart.BLACK), (4, "measured", chart.BLUE)])
    return Chart(figure, chart.stories(titles, runs, _story_of_users))


def _head(stage: int) -> str:
    content = STAGES[stage]
    if content is None:
        return "gone"
    return "bad file" if not content else f"{content['percent']} %" if content["on"] else "off"


def _wanted(stage: int) -> float:
    """The share that should have the feature in a stage, in %; after a bad file, that of the stage before."""
    content = STAGES[stage]
    if content is not None and not content:
        return _wanted(stage - 1)
    return float(content["percent"]) if content and content["on"] else 0.0


def wrongly_moved(express: dict[int, frozenset[int]], stage: int) -> int:
    """How many users changed sides in a stage and should not: who lost the feature as the share grew or stayed, or got it
    as the share shrank or stayed."""
    if stage == 0 or stage - 1 not in express:
        return 0
    before, after, change = express[stage - 1], express[stage], _wanted(stage) - _wanted(stage - 1)
    return (len(before - after) if change >= 0 else 0) + (len(after - before) if change <= 0 else 0)


def _story_of_users(run: Run) -> str:
    express = {stage: asked[0] for stage, asked in readings.stages(run, "express").items()}
    if not any(express.values()):
        return "nobody has the feature, whatever the file says"
    moved = sum(wrongly_moved(express, stage) for stage in express)
    gift = {stage: asked[0] for stage, asked in readings.stages(run, "gift").items()}
    both = 0.0
    if HALF_STAGE in express and HALF_STAGE in gift:
        both = len(express[HALF_STAGE] & gift[HALF_STAGE]) / max(1, len(gift[HALF_STAGE]))
    return (
        f"users changed sides {moved:,} times and should not have; with both flags at {GIFT} %, {chart.percent(both)} of the"
        " users of one have the other, too"
    )
