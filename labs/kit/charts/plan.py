"""A query plan as a tree: each step of EXPLAIN QUERY PLAN in a box, marked by its kind of cost."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREY, ORANGE, SHOWN_PX, VERMILLION, Chart, plural

if TYPE_CHECKING:
    from matplotlib.axes import Axes

Row = tuple[int, int, str]
"""One row of EXPLAIN QUERY PLAN: its id, its parent's id (0: none), its text."""

SEARCHES, SCANS, SORTS, OTHER = "goes straight to its rows", "walks through all rows", "sorts or groups aside", "other step"
_LOOKS: Mapping[str, tuple[str, str]] = {  # colour and symbol: readable without the colour
    SEARCHES: (BLUE, "\u2192"),
    SCANS: (VERMILLION, "\u00d7"),
    SORTS: (ORANGE, "\u25b2"),
    OTHER: (GREY, "\u00b7"),
}
_ROW_IN, _HEAD_IN, _GAP_IN, _INDENT_PX = 0.34, 0.32, 0.18, 26.0


def kind_of(text: str) -> str:
    """The kind of a step in a plan: SEARCHES, SCANS, SORTS or OTHER.

    A SCAN of a subquery's result, "SCAN (subquery-1)", is OTHER: its rows are few if the subquery's rows are few.
    """
    if text.startswith("SEARCH "):
        return SEARCHES
    if text.startswith("SCAN ") and not text.startswith(("SCAN (", "SCAN CONSTANT")):
        return SCANS
    return SORTS if text.startswith("USE TEMP B-TREE") else OTHER


def plan(plans: Mapping[str, Sequence[Row]], *, notes: Mapping[str, str] | None = None) -> Chart:
    """Plans of one or more statements, one below the other.

    Args:
        plans: by the title of each plan, the rows of its EXPLAIN QUERY PLAN in order. No rows: SQLite has no plan for it.
        notes: by the same titles, a text beside each, such as "300,000 rows stepped over".

    Raises:
        ValueError: there is no plan, or there are more than eight.
    """
    if not 1 <= len(plans) <= 8:
        raise ValueError(f"{len(plans)} plans were given; expected one to eight for one figure")
    said = notes or {}
    trees = {head: _with_depth(rows) for head, rows in plans.items()}
    height = 0.6 + sum(_HEAD_IN + _ROW_IN * max(1, len(tree)) + _GAP_IN for tree in trees.values())
    with chart.settings():
        figure = chart.new_figure(height)
        axes = figure.add_axes((0.02, 0.0, 0.96, 1.0))
        axes.set_axis_off()
        axes.set_xlim(0, 0.96 * SHOWN_PX)
        axes.set_ylim(height, 0)
        _key(axes)
        at = 0.62
        for head, tree in trees.items():
            axes.text(0, at, head, fontsize=10.5, fontweight="bold", va="center")
            if head in said:
                axes.text(0.96 * SHOWN_PX, at, said[head], fontsize=9.5, va="center", ha="right", color=GREY)
            at += _HEAD_IN
            for depth, text in tree or [(0, "(no plan: a statement that inserts values)")]:
                _box(axes, at, depth, text)
                at += _ROW_IN
            at += _GAP_IN
    return Chart(figure, "; ".join(_story(head, tree, said.get(head, "")) for head, tree in trees.items()) + ".")


def _with_depth(rows: Sequence[Row]) -> list[tuple[int, str]]:
    """The rows in their order, each with its depth in the tree; a row with an unknown parent is a root."""
    depths: dict[int, int] = {0: -1}
    found = []
    for number, parent, text in rows:
        depths[number] = depths.get(parent, -1) + 1
        found.append((depths[number], text))
    return found


def _key(axes: Axes) -> None:
    left = 0.0
    for kind, (colour, symbol) in _LOOKS.items():
        text = f"{symbol}  {kind}"
        axes.text(left, 0.2, text, fontsize=9.5, va="center", color=chart.ink(colour))
        left += chart.text_px(text) + 16


def _box(axes: Axes, at: float, depth: int, text: str) -> None:
    colour, symbol = _LOOKS[kind_of(text)]
    left = 8 + _INDENT_PX * depth
    if depth:  # the branch to this box
        bend = left - 12
        axes.plot([bend, bend, left - 4], [at - _ROW_IN + 0.11, at, at], color=GREY, lw=1.0)
    axes.text(
        left + 4, at, f"{symbol}  {text}", fontsize=9.5, va="center", color=chart.ink(colour),
        bbox={"boxstyle": "round,pad=0.25", "fc": "white", "ec": colour, "lw": 1.2},
    )  # fmt: skip


def _story(head: str, tree: Sequence[tuple[int, str]], note: str) -> str:
    told = f"{head}: " + (", then ".join(text for _, text in tree) or "no plan")
    scans = sum(kind_of(text) == SCANS for _, text in tree)
    sorts = sum(kind_of(text) == SORTS for _, text in tree)
    counted = [plural(scans, "full scan")] * bool(scans) + [plural(sorts, "sort")] * bool(sorts)
    told += f" ({', '.join(counted) or 'no full scan and no sort'})"
    return f"{told}; {note}" if note else told
