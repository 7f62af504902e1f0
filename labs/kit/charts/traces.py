"""One trace as a waterfall: each span is a bar on a time axis, below its parent, in the colour of its service."""

from __future__ import annotations

from collections.abc import Sequence

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, Chart, plural, seconds
from labs.kit.measure.spans import ERROR, Row, tree
from labs.kit.model.record import Run

_COLOURS = (GREY, BLUE, ORANGE, GREEN, PURPLE, SKY)
"""The colours of the services, in the order of their first spans; further services repeat the colours."""
POINTS_A_PX = 0.72
"""Points per px as shown: 72 points an inch, 100 px an inch."""


def trace(run: Run, trace_id: str, title: str = "") -> Chart:
    """The spans of one trace as bars on a time axis. Errors are marked, and the span with the longest own time is named.

    Raises:
        ValueError: the run has no span of this trace.
    """
    rows = tree(run.spans(trace_id))
    if not rows:
        raise ValueError(f"no span of a trace {trace_id!r} was recorded; the run has {plural(len(run.spans()), 'span')}")
    origin = min(row.span.start for row in rows)
    last = max(row.span.end for row in rows) - origin
    slowest = max(rows, key=lambda row: row.own_s)
    hosts = list(dict.fromkeys(row.span.host for row in rows))
    colours = {host: _COLOURS[number % len(_COLOURS)] for number, host in enumerate(hosts)}
    names = [f"{'    ' * row.depth}{row.span.host}: {row.span.name}"[:60] for row in rows]
    words = [_words(row, row is slowest) for row in rows]
    height = 1.2 + 0.36 * len(rows)
    scale, unit = (1000.0, "ms") if last < 1 else (1.0, "s")
    with chart.settings():
        figure = chart.new_figure(height)
        axes = figure.subplots()
        left = chart.room_for([name.replace("    ", "  ") for name in names])  # spaces are narrow
        figure.subplots_adjust(left=left, right=0.97, top=1 - 0.5 / height, bottom=0.55 / height)
        chart.rows_of(axes, names)
        for label in axes.get_yticklabels():
            label.set_horizontalalignment("left")  # otherwise the indents, which show the parents, would be invisible
        axes.tick_params(axis="y", pad=(left - 0.01) * chart.SHOWN_PX * POINTS_A_PX)
        for number, row in enumerate(rows):
            begin, length = row.span.start - origin, row.span.end - row.span.start
            failed = row.span.status == ERROR
            axes.barh(
                number, scale * max(length, last / 300), left=scale * begin, height=0.62, color=colours[row.span.host],
                edgecolor=VERMILLION if failed else "none", linewidth=2.2 if failed else 0,
            )  # fmt: skip
            ink = chart.ink(VERMILLION) if failed else chart.BLACK
            chart.write_beside(axes, scale * (begin + length), number, words[number], ink)
        width = (0.97 - left) * chart.SHOWN_PX
        beside = min(0.6 * width, chart.text_px(max(words, key=len), 9.5) + 10)  # room for the words beside the last bar
        axes.set_xlim(0, scale * max(last, 1e-6) * width / (width - beside))
        axes.set_xlabel(f"{unit} from {origin:.2f} s into the run")
        figure.text(0.01, 1 - 0.25 / height, title or f"Trace {trace_id}", fontsize=12, fontweight="bold", va="center")
    return Chart(figure, _story(title or f"Trace {trace_id}", rows, slowest, hosts, last))


def _words(row: Row, slowest: bool) -> str:
    """The words beside a bar: its length, its own time if that is the longest of all, and whether it failed."""
    length = row.span.end - row.span.start
    own = "" if not slowest else ", all its own" if row.own_s > 0.99 * length else f", {seconds(row.own_s)} its own"
    return f"{seconds(length)}{own}{', ERROR' if row.span.status == ERROR else ''}"


def _story(title: str, rows: Sequence[Row], slowest: Row, hosts: Sequence[str], last: float) -> str:
    failed = list(dict.fromkeys(row.span.host for row in rows if row.span.status == ERROR))
    roots = sum(row.depth == 0 for row in rows)
    told = f"{title}: {plural(len(rows), 'span')} of {', '.join(hosts)} in {seconds(last)}"
    told += f", in {roots} parts that are not joined" if roots > 1 else ""
    told += f"; the longest own time, {seconds(slowest.own_s)}, is that of {slowest.span.host} ({slowest.span.name})"
    return f"{told}; {'errors in ' + ', '.join(failed) if failed else 'no errors'}."
