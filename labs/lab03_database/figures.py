"""The pictures that only this lab draws: what became of pages, what indexes cost, what OFFSET costs, what writing costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from labs.kit import Chart, Run, chart, names, stats
from labs.lab03_database.measure import Candidate, Depth, Writing

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BLACK, BLUE, GREY, ORANGE, VERMILLION = chart.BLACK, chart.BLUE, chart.GREY, chart.ORANGE, chart.VERMILLION
_ENDS = {"answered": BLUE, "504": VERMILLION, "other": GREY}


def outcomes(runs: Sequence[Run], titles: Sequence[str], objective: float, patience: float) -> Chart:
    """One or two runs: what became of each second's pages, how many statements waited, how long each page took."""
    margins = {"left": 0.085, "right": 0.855, "top": 0.885, "bottom": 0.085, "hspace": 0.38, "wspace": 0.12}
    with chart.columns(6.4, titles, (3, 2, 3), **margins) as (figure, grid):
        for column, run in enumerate(runs):
            pages, queue, times = grid[:, column]
            last = column == len(runs) - 1
            _draw_ends(pages, run, last)
            _draw_queue(queue, run)
            _draw_times(times, run, objective, patience, last)
            times.set_xlabel("seconds of the run")
            times.set_xlim(0, run.info.load_s)
    return Chart(figure, chart.stories(titles, runs, _story))


def _end_of(status: int) -> str:
    return "answered" if 200 <= status < 300 else "504" if status == 504 else "other"


def _draw_ends(axes: Axes, run: Run, label: bool) -> None:
    axes.set_title("pages asked for in each second")
    counts = Counter((_end_of(r.status), int(r.intended)) for r in stats.user_requests(run))
    whole = range(int(run.info.load_s))
    bottom = [0] * len(whole)
    for place, (kind, colour) in enumerate(_ENDS.items()):
        heights = [counts[kind, second] for second in whole]
        look: dict[str, Any] = {"color": colour, "hatch": "////" * (kind == "504"), "edgecolor": "white", "linewidth": 0.4}
        axes.bar([s + 0.5 for s in whole], heights, 0.86, bottom, **look)
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
        if label:
            chart.write_right(axes, 0.9 - 0.22 * place, f"\u25a0 {kind}", colour)
    axes.set_ylim(0, 1.08 * max([*bottom, axes.get_ylim()[1] / 1.08]))


def _draw_queue(axes: Axes, run: Run) -> None:
    axes.set_title("statements in line at the database")
    points = run.samples(names.DATABASE_QUEUE, "db")
    xs, ys = [p.time for p in points], [p.value for p in points]
    axes.plot(xs, ys, color=ORANGE, drawstyle="steps-post")
    axes.fill_between(xs, ys, color=ORANGE, alpha=0.2, step="post", lw=0)
    # The columns share it, so a later one may only widen it.
    axes.set_ylim(0, max(1.08 * max(ys, default=1.0), axes.get_ylim()[1]))


def _draw_times(axes: Axes, run: Run, objective: float, patience: float, label: bool) -> None:
    axes.set_title("request time, log scale")
    chart.log_seconds(axes, 0.001, 20)
    for good, colour, mark in ((True, BLUE, "o"), (False, VERMILLION, "x")):
        points = [(r.intended, r.latency) for r in stats.user_requests(run) if r.ok == good and r.latency is not None]
        axes.scatter([at for at, _ in points], [s for _, s in points], s=12, color=colour, marker=mark, linewidths=0.8)
    goal = chart.bound(axes, objective, f"objective\n{chart.seconds(objective)}", zorder=2)
    axes.axhline(patience, color=GREY, lw=1.1, ls=chart.DOTTED)
    if label:
        chart.end_labels(axes, [(patience, f"a call gives up\n{chart.seconds(patience)}", GREY), goal])


def _story(run: Run) -> str:
    asked = stats.user_requests(run)
    if not asked:
        return ", ".join(filter(None, ("no page was asked for", run.why_not)))
    good, late = (chart.percent(sum(_end_of(r.status) == end for r in asked) / len(asked)) for end in ("answered", "504"))
    longest = max((p.value for p in run.samples(names.DATABASE_QUEUE, "db")), default=0)
    return (
        f"{good} of {len(asked)} pages answered, {late} answered 504, up to {longest:.0f} statements in line at the database"
    )


def indexes(candidates: Sequence[Candidate], objective_ms: float) -> Chart:
    """Database time of one page's first query under each index, for a reseller and for another customer; log scale."""
    rows = [c.name for c in candidates]
    halves = {
        "a reseller, 1,500 orders": [c.reseller.milliseconds for c in candidates],
        "another customer, 150 orders": [c.other.milliseconds for c in candidates],
    }
    margins = {"left": chart.room_for(rows), "right": 0.93, "top": 0.83, "bottom": 0.14, "wspace": 0.3}
    with chart.frame(1.5 + 0.52 * len(rows), 1, 2, sharey=True, sharex=True, **margins) as (figure, [both]):
        for axes, (head, values) in zip(both, halves.items(), strict=True):
            axes.set_xscale("log")
            axes.set_xlim(0.05, 3_000)
            _bars(axes, rows, values, [value > objective_ms for value in values], objective_ms, " ms")
            axes.xaxis.set_major_formatter("{x:g}")
            axes.set_xlabel("ms of database time, log scale")
            chart.write_above(axes, 0, head, 8, fontsize=10.5, fontweight="bold")
        key = f"dashed: the goal of the check work, {objective_ms:g} ms for a whole page; orange: over it"
        chart.write_above(both[1], 1, key, 26, fontsize=9.5, ha="right")
    told = ", ".join(f"{c.name} {c.reseller.milliseconds:.3g} and {c.other.milliseconds:.3g} ms" for c in candidates)
    return Chart(figure, f"Database time of the page's query for a reseller and for another customer: {told}.")


def _bars(
    axes: Axes, rows: Sequence[str], values: Sequence[float], bad: Sequence[bool], goal: float | None, unit: str = ""
) -> None:
    """A horizontal bar with its value for each row, the bad ones orange; a dashed line at the goal, if there is one."""
    chart.rows_of(axes, rows)
    axes.barh(range(len(values)), values, 0.62, color=[VERMILLION if one else BLUE for one in bad])
    for row, value in enumerate(values):
        chart.write_beside(axes, max(value, goal or 0.0), row, f"{value:.3g}{unit}")
    if goal is not None:
        axes.axvline(goal, color=BLACK, lw=1.1, ls=chart.DASHED)


def depth(points: Sequence[Depth]) -> Chart:
    """What a page of the archive costs, by how deep it lies: OFFSET and keyset."""
    xs = [p.page for p in points]
    first, last = points[0], points[-1]
    with chart.frame(3.3, left=0.085, right=0.88, top=0.9, bottom=0.16) as (figure, [[axes]]):
        axes.set_title("ms of database time for one page of the archive")
        axes.plot(xs, [p.offset_ms for p in points], color=VERMILLION, marker="x", ms=5)
        axes.plot(xs, [p.keyset_ms for p in points], color=BLUE, marker="o", ms=5)
        axes.set_xlabel("page of the archive (50 orders each)")
        axes.set_ylim(bottom=-2)
        axes.set_xlim(0, max(xs) * 1.01)
        ends = (("OFFSET", last.offset_ms, VERMILLION), ("keyset", last.keyset_ms, BLUE))
        chart.end_labels(axes, [(value, f"{name}\n{value:.3g} ms", colour) for name, value, colour in ends])
    by_offset = f"{first.offset_ms:.3g} ms for page {first.page:,} and {last.offset_ms:.3g} ms for page {last.page:,}"
    return Chart(figure, f"OFFSET costs {by_offset}; keyset {first.keyset_ms:.3g} ms and {last.keyset_ms:.3g} ms.")


def writing(writings: Sequence[Writing], most_pages: float) -> Chart:
    """What it costs to store one order, by the number of indexes and the size of a transaction: time, and pages fetched."""
    rows = [one.name for one in writings]
    took, fetched = [one.milliseconds for one in writings], [one.pages for one in writings]
    margins = {"left": chart.room_for(rows), "right": 0.95, "top": 0.84, "bottom": 0.17, "wspace": 0.16}
    with chart.frame(1.35 + 0.42 * len(rows), 1, 2, sharey=True, **margins) as (figure, [[time, pages]]):
        _bars(time, rows, took, [one.commits > 1 for one in writings], None)
        _bars(pages, rows, fetched, [value > most_pages for value in fetched], most_pages)
        time.set_xlim(0, 1.25 * max(took))
        pages.set_xlim(0, 1.25 * max(fetched))
        time.set_xlabel("ms of database time")
        pages.set_xlabel(f"pages fetched; dashed: gate write_cost, {most_pages:g}")
        chart.write_above(time, 0, "to store one order with its two items", 8, fontsize=10.5, fontweight="bold")
    told = "; ".join(f"{one.name}: {one.milliseconds:.2f} ms and {one.pages:.1f} pages fetched" for one in writings)
    return Chart(figure, f"To store one order: {told}.")
