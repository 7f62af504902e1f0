"""The pictures that only this lab draws: what became of pages, what indexes cost, what OFFSET costs, what writing costs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, GREY, ORANGE, VERMILLION, Chart, percent, seconds
from labs.kit.measure.stats import user_requests
from labs.kit.model.record import Run

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from labs.lab03_database.measure import Candidate, Depth, Writing

QUEUE = "db.queue.depth"
_ENDS = {"answered": BLUE, "504, the database timed out": VERMILLION, "no good answer otherwise": GREY}


def outcomes(runs: Sequence[Run], titles: Sequence[str], objective: float, patience: float) -> Chart:
    """One or two runs: what became of each second's pages, how many statements waited, how long each page took."""
    with chart.settings():
        figure = chart.new_figure(6.4)
        grid = figure.subplots(3, len(runs), sharex="col", sharey="row", squeeze=False, height_ratios=[3, 2, 3])
        figure.subplots_adjust(left=0.085, right=0.855, top=0.885, bottom=0.085, hspace=0.38, wspace=0.12)
        for column, run in enumerate(runs):
            pages, queue, times = grid[:, column]
            last = column == len(runs) - 1
            _draw_ends(pages, run, last)
            _draw_queue(queue, run)
            _draw_times(times, run, objective, patience, last)
            times.set_xlabel("seconds of the run")
            times.set_xlim(0, run.info.load_s)
            chart.write_above(pages, 0, titles[column], 22, fontsize=11.5, fontweight="bold")
    told = [f"{title}: {_story(run)}" for title, run in zip(titles, runs, strict=True)]
    return Chart(figure, "; ".join(told) + ".")


def _end_of(status: int) -> str:
    kinds = list(_ENDS)
    return kinds[0] if 200 <= status < 300 else kinds[1] if status == 504 else kinds[2]


def _draw_ends(axes: Axes, run: Run, label: bool) -> None:
    axes.set_title("pages asked for in each second")
    counts = Counter((_end_of(r.status), int(r.intended)) for r in user_requests(run))
    whole = range(int(run.info.load_s))
    bottom = [0] * len(whole)
    for kind, colour in _ENDS.items():
        heights = [counts[kind, second] for second in whole]
        hatch = "////" if colour == VERMILLION else ""
        axes.bar(
            [s + 0.5 for s in whole], heights, 0.86, bottom, color=colour, hatch=hatch, edgecolor="white", linewidth=0.4
        )
        bottom = [a + b for a, b in zip(bottom, heights, strict=True)]
    axes.set_ylim(0, 1.08 * max([*bottom, axes.get_ylim()[1] / 1.08]))
    if label:
        for place, (text, colour) in enumerate({"answered": BLUE, "504": VERMILLION, "other": GREY}.items()):
            share = 0.9 - 0.22 * place
            axes.annotate(
                f"\u25a0 {text}", (1, share), xycoords="axes fraction", xytext=(6, 0), textcoords="offset points",
                color=chart.ink(colour), va="center", fontsize=9.5, annotation_clip=False,
            )  # fmt: skip


def _draw_queue(axes: Axes, run: Run) -> None:
    axes.set_title("statements in line at the database")
    points = run.samples(QUEUE, "db")
    axes.plot([p.time for p in points], [p.value for p in points], color=ORANGE, drawstyle="steps-post")
    axes.fill_between([p.time for p in points], [p.value for p in points], color=ORANGE, alpha=0.2, step="post", lw=0)
    most = 1.08 * max((p.value for p in points), default=1.0)
    axes.set_ylim(0, max(most, axes.get_ylim()[1]))  # the columns share it, so a later one may only widen it


def _draw_times(axes: Axes, run: Run, objective: float, patience: float, label: bool) -> None:
    from matplotlib.ticker import FuncFormatter, NullFormatter

    axes.set_title("request time, log scale")
    axes.set_yscale("log")
    axes.set_ylim(0.001, 20)
    for good, colour, mark in ((True, BLUE, "o"), (False, VERMILLION, "x")):
        points = [(r.intended, r.latency) for r in user_requests(run) if r.ok == good and r.latency is not None]
        xs, ys = [at for at, _ in points], [took for _, took in points]
        axes.scatter(xs, ys, s=12, color=colour, marker=mark, linewidths=0.8)
    axes.axhline(objective, color=BLACK, lw=1.1, ls=(0, (6, 2)))
    axes.axhline(patience, color=GREY, lw=1.1, ls=(0, (2, 2)))
    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: seconds(value)))
    axes.yaxis.set_minor_formatter(NullFormatter())
    if label:
        texts = [
            (patience, f"a call gives up\n{seconds(patience)}", GREY),
            (objective, f"objective\n{seconds(objective)}", BLACK),
        ]
        chart.end_labels(axes, texts)


def _story(run: Run) -> str:
    asked = user_requests(run)
    if not asked:
        return f"no page was asked for, the run ended early ({run.info.status})"
    late = sum(r.status == 504 for r in asked)
    longest = max((p.value for p in run.samples(QUEUE, "db")), default=0)
    good = sum(r.ok for r in asked)
    return (
        f"{percent(good / len(asked))} of {len(asked)} pages answered, {percent(late / len(asked))} answered 504, "
        f"up to {longest:.0f} statements in line at the database"
    )


def indexes(candidates: Sequence[Candidate], objective_ms: float) -> Chart:
    """Database time of one page's first query under each index, for a reseller and for another customer; log scale."""
    names = [c.name for c in candidates]
    with chart.settings():
        from matplotlib.ticker import FuncFormatter

        figure = chart.new_figure(1.5 + 0.52 * len(names))
        both = figure.subplots(1, 2, sharey=True, sharex=True)
        left = chart.room_for(names)
        figure.subplots_adjust(left=left, right=0.93, top=0.83, bottom=0.14, wspace=0.3)
        for axes, head in zip(both, ("a reseller, 1,500 orders", "another customer, 150 orders"), strict=True):
            values = [(c.reseller if head.startswith("a reseller") else c.other).milliseconds for c in candidates]
            chart.rows_of(axes, names)
            axes.set_xscale("log")
            axes.set_xlim(0.05, 3_000)
            colours = [BLUE if value <= objective_ms else VERMILLION for value in values]
            axes.barh(range(len(values)), values, 0.62, color=colours)
            for row, value in enumerate(values):
                chart.write_beside(axes, max(value, objective_ms), row, f"{value:.3g} ms")
            axes.axvline(objective_ms, color=BLACK, lw=1.1, ls=(0, (6, 2)))
            axes.xaxis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))
            axes.set_xlabel("ms of database time, log scale")
            chart.write_above(axes, 0, head, 8, fontsize=10.5, fontweight="bold")
        chart.write_above(
            both[1],
            1,
            f"dashed: the goal of the check work, {objective_ms:g} ms for a whole page; orange: over it",
            26,
            fontsize=9.5,
            ha="right",
        )
    told = ", ".join(f"{c.name} {c.reseller.milliseconds:.3g} and {c.other.milliseconds:.3g} ms" for c in candidates)
    return Chart(figure, f"Database time of the page's query for a reseller and for another customer: {told}.")


def depth(points: Sequence[Depth]) -> Chart:
    """What a page of the archive costs, by how deep it lies: OFFSET and keyset."""
    xs = [p.page for p in points]
    series = {
        "OFFSET": ([p.offset_ms for p in points], VERMILLION, "x"),
        "keyset": ([p.keyset_ms for p in points], BLUE, "o"),
    }
    with chart.settings():
        figure = chart.new_figure(3.3)
        axes = figure.subplots()
        figure.subplots_adjust(left=0.085, right=0.88, top=0.9, bottom=0.16)
        axes.set_title("ms of database time for one page of the archive")
        for values, colour, mark in series.values():
            axes.plot(xs, values, color=colour, marker=mark, ms=5)
        axes.set_xlabel("page of the archive (50 orders each)")
        axes.set_ylim(bottom=-2)
        axes.set_xlim(0, max(xs) * 1.01)
        chart.end_labels(axes, [(v[-1], f"{name}\n{v[-1]:.3g} ms", colour) for name, (v, colour, _) in series.items()])
    first, last = points[0], points[-1]
    return Chart(
        figure,
        f"OFFSET costs {first.offset_ms:.3g} ms for page {first.page:,} and {last.offset_ms:.3g} ms for page {last.page:,}; "
        f"keyset {first.keyset_ms:.3g} ms and {last.keyset_ms:.3g} ms.",
    )


def writing(rows: Sequence[Writing], most_pages: float) -> Chart:
    """What it costs to store one order, by the number of indexes and the size of a transaction: time, and pages fetched."""
    names = [row.name for row in rows]
    with chart.settings():
        figure = chart.new_figure(1.35 + 0.42 * len(names))
        time, pages = figure.subplots(1, 2, sharey=True)
        figure.subplots_adjust(left=chart.room_for(names), right=0.95, top=0.84, bottom=0.17, wspace=0.16)
        for axes, values, unit in (
            (time, [row.milliseconds for row in rows], "ms of database time"),
            (pages, [row.pages for row in rows], f"database pages fetched; dashed: the gate write_cost, {most_pages:g}"),
        ):
            chart.rows_of(axes, names)
            bad = [value > most_pages if axes is pages else row.commits > 1 for value, row in zip(values, rows, strict=True)]
            axes.barh(range(len(values)), values, 0.62, color=[VERMILLION if one else BLUE for one in bad])
            for number, value in enumerate(values):
                chart.write_beside(axes, max(value, most_pages) if axes is pages else value, number, f"{value:.3g}")
            axes.set_xlim(0, 1.25 * max(values))
            axes.set_xlabel(unit)
        pages.axvline(most_pages, color=BLACK, lw=1.1, ls=(0, (6, 2)))
        chart.write_above(time, 0, "to store one order with its two items", 8, fontsize=10.5, fontweight="bold")
    told = "; ".join(f"{row.name}: {row.milliseconds:.2f} ms and {row.pages:.1f} pages fetched" for row in rows)
    return Chart(figure, f"To store one order: {told}.")
