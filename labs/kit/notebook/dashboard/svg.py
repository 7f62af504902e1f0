"""Draws the panels of the dashboard as SVG text: fast enough for several pictures a second.

This is not a general chart library. Every text is escaped, because names of repairs and services come from outside.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from labs.kit.charts.chart import GREY, apart, ink
from labs.kit.notebook.dashboard.panels import Line, Mark, Panel, Point, View
from labs.kit.notebook.notes import safe

WIDTH, LEFT, RIGHT = 940, 62, 168
"""The widths of the drawing, of the axis labels, and of the names at the ends of the lines, in px."""
HEAD, PLOT, GAP, FOOT = 46, 70, 24, 34
MARK_ROWS = 3
LABEL_PX, CHAR_PX = 13.0, 6.2
"""The height of a line of text, and the approximate width of a character."""
_SPAN = WIDTH - LEFT - RIGHT
_AXIS, _GRID, _FAULT = "#888888", "#E4E4E4", "#F0DDD0"


def draw(view: View, summary: str) -> str:
    """One SVG element; `summary` is its text for screen readers."""
    height = HEAD + len(view.panels) * (PLOT + GAP) + FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" role="img" viewBox="0 0 {WIDTH} {height}" width="100%"'
        f' style="max-width:{WIDTH}px;background:#fff;font:12px sans-serif"><title>{safe(summary)}</title>'
    ]
    bottom = HEAD + len(view.panels) * (PLOT + GAP)
    for start, end in view.faults:
        a, b = _x(view, start), _x(view, min(end, view.end))
        size = f'width="{_n(max(1.5, b - a))}" height="{bottom - HEAD}"'
        parts.append(f'<rect class="fault" x="{_n(a)}" y="{HEAD}" {size} fill="{_FAULT}"/>')
    for row, panel in enumerate(view.panels):
        parts += _panel(view, panel, HEAD + row * (PLOT + GAP) + GAP)
    parts += _time_axis(view, bottom)
    parts += _marks(view, bottom)
    parts.append("</svg>")
    return "".join(parts)


def _panel(view: View, panel: Panel, top: float) -> list[str]:
    parts = [_text(LEFT, top - 8, panel.title, weight="bold")]
    for tick in panel.ticks:
        y = _y(panel, tick, top)
        parts.append(f'<path d="M{LEFT} {_n(y)}h{_SPAN}" stroke="{_GRID}"/>')
        parts.append(_text(LEFT - 6, y + 4, panel.shown(tick), anchor="end", colour=GREY))
    parts.append(f'<path d="M{LEFT} {top}v{PLOT}h{_SPAN}" fill="none" stroke="{_AXIS}"/>')
    ends = []
    if panel.bound is not None:
        y = _y(panel, panel.bound.value, top)
        parts.append(f'<path class="bound" d="M{LEFT} {_n(y)}h{_SPAN}" stroke="#000" stroke-dasharray="7 3"/>')
        ends.append((y, panel.bound.name, "#000"))
    for line in panel.lines:
        dash = ' stroke-dasharray="4 3"' if line.dashed else ""
        path = _path(view, panel, line, top)
        if path:
            parts.append(f'<path class="line" d="{path}" fill="none" stroke="{line.colour}" stroke-width="2"{dash}/>')
        if line.last is not None:
            ends.append((_y(panel, line.last, top), f"{line.name} {_value(panel, line.last)}", ink(line.colour)))
    if not panel.lines:
        parts.append(_text(LEFT + _SPAN / 2, top + PLOT / 2 + 4, panel.empty, anchor="middle", colour=GREY))
    # apart() counts upwards, pictures downwards.
    placed = apart([PLOT - (y - top) for y, _, _ in ends], [LABEL_PX] * len(ends), PLOT)
    for up, (_, text, colour) in zip(placed, ends, strict=True):
        parts.append(_text(LEFT + _SPAN + 8, top + PLOT - up + 4, text, colour=colour))
    return parts


def _value(panel: Panel, value: float) -> str:
    """The latest value, rounded so that it does not flicker."""
    if panel.log or value == 0:
        return panel.shown(value)
    return panel.shown(float(f"{value:.3g}" if value < 100 else f"{value:.0f}"))


def _path(view: View, panel: Panel, line: Line, top: float) -> str:
    """The curve as a path; after a gap the path begins again, and a point between two gaps is drawn as a dot."""
    strokes: list[list[Point]] = [[]]
    for at, value in line.points:
        if value is None:
            strokes.append([])
        elif view.start <= at <= view.end:
            strokes[-1].append((at, value))
    drawn = []
    for stroke in strokes:
        spots = [f"{_n(_x(view, at))} {_n(_y(panel, value or 0, top))}" for at, value in stroke]
        if spots:
            drawn.append("M" + "L".join(spots) + ("h1.5" if len(spots) == 1 else ""))
    return "".join(drawn)


def _time_axis(view: View, bottom: float) -> list[str]:
    parts = []
    step = next((s for s in (1, 2, 5, 10, 20, 30, 60, 120, 300, 600) if (view.end - view.start) / s <= 8), 3600)
    for at in range(math.ceil(view.start / step) * step, math.floor(view.end) + 1, step):
        x = _x(view, at)
        parts.append(f'<path d="M{_n(x)} {bottom}v5" stroke="{_AXIS}"/>')
        parts.append(_text(x, bottom + 17, str(at), anchor="middle", colour=GREY))
    parts.append(_text(LEFT + _SPAN / 2, bottom + 31, "seconds from the start of the load", anchor="middle", colour=GREY))
    return parts


def _marks(view: View, bottom: float) -> list[str]:
    """A line through all panels at each change, with its words above the panels, in a row with enough room."""
    parts = []
    for mark, row in zip(view.marks, rows_of(view.marks, lambda at: _x(view, at)), strict=True):
        x = _x(view, mark.at)
        top = HEAD - 2 if not mark.text else 14 + LABEL_PX * row
        parts.append(f'<path class="mark" d="M{_n(x)} {_n(top)}V{bottom}" stroke="#000" stroke-width="1" opacity="0.55"/>')
        if mark.text:
            left = x + 3 + CHAR_PX * len(mark.text) > WIDTH
            parts.append(_text(x - 3 if left else x + 3, top, mark.text, anchor="end" if left else "start"))
    return parts


def rows_of(marks: Sequence[Mark], place: object) -> list[int]:
    """The row of each mark's words: the first row, from the top, in which they do not touch the words before them."""
    assert callable(place)
    free, rows = [-math.inf] * MARK_ROWS, []
    for mark in marks:
        x = place(mark.at)
        row = next((r for r in range(MARK_ROWS) if free[r] <= x), min(range(MARK_ROWS), key=lambda r: free[r]))
        if mark.text:
            free[row] = x + 8 + CHAR_PX * len(mark.text)
        rows.append(row)
    return rows


def _x(view: View, at: float) -> float:
    return LEFT + _SPAN * (max(at, view.start) - view.start) / (view.end - view.start)


def _y(panel: Panel, value: float, top: float) -> float:
    if panel.log:
        share = math.log(max(value, panel.low) / panel.low) / math.log(panel.top / panel.low)
    else:
        share = (value - panel.low) / (panel.top - panel.low)
    return top + PLOT * (1 - min(max(share, 0.0), 1.0))


def _n(value: float) -> str:
    """A coordinate, to a tenth of a px."""
    return f"{value:.1f}".removesuffix(".0")


def _text(x: float, y: float, text: str, anchor: str = "start", colour: str = "#000", weight: str = "normal") -> str:
    more = f' font-weight="{weight}"' if weight != "normal" else ""
    return f'<text x="{_n(x)}" y="{_n(y)}" text-anchor="{anchor}" fill="{colour}"{more}>{safe(text)}</text>'
