"""A flame graph of memory: calls with their callers, each as wide as its allocations. The data are memray's own files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from labs.kit.charts import chart
from labs.kit.charts.chart import Chart

MB = 1_000_000
SHADES = ("#F3C98B", "#EFB66A", "#E9A24C", "#E69F00")
MARKED = "#D55E00"
SMALLEST = 0.004
"""Calls narrower than this share of the figure are left out, because they would be invisible."""
DEEPEST = 24


@dataclass
class _Call:
    name: str
    size: int = 0
    inner: dict[str, _Call] = field(default_factory=dict)


def allocations(path: Path | str, *, leaked: bool = True) -> dict[tuple[str, ...], int]:
    """The allocations in a memray file: {calls, outermost first, each "function file.py:line": bytes}.

    Args:
        path: a file written by `memray.Tracker` or `memray run`.
        leaked: take the memory still held at the end; otherwise the memory held at the peak.

    Raises:
        RuntimeError: memray is not installed (it has no Windows version).
        OSError: there is no such file, or it is not one of memray's.
    """
    try:
        from memray import FileReader
    except ImportError as error:
        raise RuntimeError(
            "memray is not installed here, so there is no flame graph; it exists for Linux and macOS: pip install memray"
        ) from error
    with FileReader(str(path)) as reader:
        read = reader.get_leaked_allocation_records if leaked else reader.get_high_watermark_allocation_records
        found: dict[tuple[str, ...], int] = {}
        for record in read(merge_threads=True):
            stack = tuple(f"{name} {Path(file).name}:{line}" for name, file, line in reversed(record.stack_trace()))
            found[stack or ("not in Python",)] = found.get(stack or ("not in Python",), 0) + record.size
    return found


def flame(stacks: Mapping[tuple[str, ...], int], *, title: str, mark: str = "", begin: str = "") -> Chart:
    """Calls as boxes, the outermost on top, as wide as the bytes allocated in them and in their callees.

    Args:
        stacks: {calls, outermost first: bytes}, as `allocations` returns them.
        title: the title of the figure.
        mark: calls whose text contains this are drawn in another colour, such as "fix.py".
        begin: each stack begins at the first call whose text contains this; stacks without such a call are left out.

    Raises:
        ValueError: `stacks` is empty.
    """
    root = _tree({stack: size for stack, size in stacks.items() if _begins(stack, begin) is not None}, begin)
    if not root.size:
        raise ValueError("no memory was taken, so there is nothing to draw; give the tracker something to watch")
    boxes = list(_boxes(root, 0.0, -1))[1:]
    rows = max((row for _, row, _, _ in boxes), default=0) + 1
    with chart.settings():
        figure = chart.new_figure(0.9 + 0.27 * rows)
        axes = figure.subplots()
        edge = 0.5 / figure.get_figheight()
        figure.subplots_adjust(left=0.02, right=0.98, top=1 - edge, bottom=edge)
        axes.set_xlim(0, root.size / MB)
        axes.set_ylim(rows, 0)
        axes.grid(visible=False)
        axes.set_yticks([])
        axes.spines["left"].set_visible(False)
        axes.set_xlabel("MB taken in a call and in what it called")
        chart.write_above(axes, 0, title, 8, fontsize=11.5, fontweight="bold")
        for at, row, width, name in boxes:
            marked = bool(mark) and mark in name
            colour = MARKED if marked else SHADES[row % len(SHADES)]
            axes.barh(row + 0.5, width / MB, left=at / MB, height=0.94, color=colour, edgecolor="white", lw=0.6)
            text = _label(name, width, root.size)
            if text:
                axes.text(
                    at / MB, row + 0.52, f" {text}", va="center", fontsize=8.5, color="white" if marked else "black",
                    clip_on=True,
                )  # fmt: skip
    return Chart(figure, f"{title}: {root.size / MB:.1f} MB in all, {_story(boxes, root.size, mark)}.")


def _begins(stack: tuple[str, ...], begin: str) -> int | None:
    return next((i for i, call in enumerate(stack) if begin in call), None)


def _tree(stacks: Mapping[tuple[str, ...], int], begin: str) -> _Call:
    root = _Call("all")
    for stack, size in stacks.items():
        root.size += size
        at = root
        for name in stack[_begins(stack, begin) or 0 :][:DEEPEST]:
            at = at.inner.setdefault(name, _Call(name))
            at.size += size
    return root


def _boxes(call: _Call, at: float, row: int) -> Iterable[tuple[float, int, int, str]]:
    """(left edge in bytes, row, bytes, name) of a call and of all calls in it, the largest first."""
    yield at, row, call.size, call.name
    inner = sorted(call.inner.values(), key=lambda c: (-c.size, c.name))
    least = SMALLEST * call.size if row < 0 else 0
    for each in inner:
        if each.size > least:
            yield from _boxes(each, at, row + 1)
        at += each.size


def _label(name: str, width: int, whole: int) -> str:
    """The part of the call's text that fits into its box, with the size if there is room."""
    letters = int(width / whole * 0.96 * chart.SHOWN_PX / 6.6)
    full = f"{name}  {width / MB:.1f} MB"
    if len(full) <= letters:
        return full
    return name if len(name) <= letters else name[: letters - 2] + ".." if letters >= 6 else ""


def _story(boxes: list[tuple[float, int, int, str]], whole: int, mark: str) -> str:
    marked = [(width, name) for _, _, width, name in boxes if mark and mark in name]
    width, name = max(marked or [(width, name) for _, _, width, name in boxes])
    return f"{width / whole:.0%} of it in {name}"
