"""The class Chart, and the parts that all charts share: size, colours, labels on the lines themselves.

Figures are made by matplotlib's object interface, never by pyplot: no global list keeps them, and the learner's own settings
neither affect these charts nor are changed by them.
"""

from __future__ import annotations

import base64
import html
import io
import math
import os
import re
import textwrap
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from labs.kit.measure import stats
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

# The palette of Okabe and Ito, "Color Universal Design" (2008): colour-blind readers can distinguish it, too.
BLACK = "#000000"
ORANGE = "#E69F00"
SKY = "#56B4E9"
GREEN = "#009E73"
BLUE = "#0072B2"
VERMILLION = "#D55E00"
PURPLE = "#CC79A7"
GREY = "#6B6B6B"  # not in the palette; for context only

DASHED, DOTTED = (0, (6, 2)), (0, (2, 2))

_INK = {ORANGE: "#8A5F00", SKY: "#1F6F9F", GREEN: "#00714F", VERMILLION: "#B04A00", PURPLE: "#9A4879"}

SHOWN_PX = 900
"""The width of a chart in a notebook."""

WIDTH_IN = SHOWN_PX / 100
"""The same width in inches, at 100 dots an inch, for which font sizes are chosen."""

_DPI = 150  # 1.5 times the dots shown, so that text stays sharp on dense screens
_SETTINGS: dict[str, Any] = {
    "font.family": "DejaVu Sans",  # comes with matplotlib: the same picture on every machine
    "font.size": 10,
    "axes.titlesize": 10.5,
    "axes.titlelocation": "left",
    "axes.labelsize": 10,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": "#888888",
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": "#E4E4E4",
    "xtick.color": "#333333",
    "ytick.color": "#333333",
    "lines.linewidth": 1.8,
    "hatch.linewidth": 0.6,
    "svg.hashsalt": "breakfix",  # otherwise every file has different ids
}


Label = tuple[float, str, str]
"""A label beside a line: the line's last value, the text, the line's colour."""


@dataclass(frozen=True)
class Chart:
    """A figure, and one sentence with its content for a reader who does not see it."""

    figure: Figure
    summary: str

    def png(self) -> bytes:
        """The picture as PNG; the same figure gives the same bytes."""
        from PIL import Image

        drawn, out = io.BytesIO(), io.BytesIO()
        with settings():
            self.figure.savefig(drawn, format="png", dpi=_DPI, metadata={"Software": None})
        # 256 colours: a third of the size, for notebooks that are kept in git, and no visible difference.
        few = Image.open(drawn).convert("RGB").quantize(256, method=Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
        few.save(out, "png", optimize=True)
        return out.getvalue()

    def save(self, path: Path | str) -> Path:
        """Write the figure to a file, without a date; the suffix sets the format: .png or .svg.

        Raises:
            ValueError: the file has another suffix.
        """
        path = Path(path)
        if path.suffix not in (".png", ".svg"):
            raise ValueError(f"cannot write a chart as {path.name!r}; name it .png or .svg")
        path.parent.mkdir(parents=True, exist_ok=True)
        if path.suffix == ".png":
            path.write_bytes(self.png())
            return path
        with settings():
            self.figure.savefig(path, metadata={"Date": None})
        return path

    def _ipython_display_(self) -> None:
        # Two outputs: the summary is also shown below the picture.
        from IPython.display import display as show

        display: Any = show  # IPython ships no types
        picture = {"image/png": base64.b64encode(self.png()).decode(), "text/plain": "[chart]"}
        if "JPY_SESSION_NAME" in os.environ:  # of a picture JupyterLab shows no alternative text, of HTML it does
            alt = html.escape(self.summary)
            picture["text/html"] = f'<img src="data:image/png;base64,{picture["image/png"]}" width="{SHOWN_PX}" alt="{alt}">'
        display(picture, raw=True, metadata={"image/png": {"width": SHOWN_PX, "alt": self.summary}})
        display({"text/markdown": _as_markdown(self.summary), "text/plain": self.summary}, raw=True)


def _as_markdown(text: str) -> str:
    # Names of repairs come from outside: they must not turn into markup.
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~&-])", r"\\\1", text)


@contextmanager
def settings() -> Iterator[None]:
    """Use the settings of the charts instead of matplotlib's present ones, which are restored at the end."""
    import matplotlib

    # Keys of windows and backends are left alone: setting them, even to their present values, loads a backend.
    skipped = ("backend", "interactive", "toolbar", "tk.", "webagg.", "macosx.", "timezone", "figure.max_open_warning")
    defaults = {key: value for key, value in matplotlib.rcParamsDefault.items() if not key.startswith(skipped)}
    ours: dict[Any, Any] = {**defaults, **_SETTINGS}
    with matplotlib.rc_context(ours):
        yield


def new_figure(height_in: float) -> Figure:
    """An empty figure of the notebook's width. Call it inside `settings()`."""
    from matplotlib.figure import Figure

    return Figure(figsize=(WIDTH_IN, height_in))


@contextmanager
def frame(
    height_in: float, rows: int = 1, columns: int = 1, /, *, left: float, right: float, top: float, bottom: float,
    hspace: float | None = None, wspace: float | None = None, **shared: Any,
) -> Iterator[tuple[Figure, Any]]:  # fmt: skip
    """A new figure and its axes, always as rows of columns, to be drawn in our settings.

    The margins and gaps are those of matplotlib's `subplots_adjust`; what is `shared`, and the ratios, those of `subplots`.
    """
    with settings():
        figure = new_figure(height_in)
        grid = figure.subplots(rows, columns, squeeze=False, **shared)
        figure.subplots_adjust(left=left, right=right, top=top, bottom=bottom, hspace=hspace, wspace=wspace)
        yield figure, grid


@contextmanager
def columns(
    height_in: float, heads: Sequence[str], heights: Sequence[float], head_pt: float = 22, **margins: Any
) -> Iterator[tuple[Figure, Any]]:
    """A frame with a column under each head and rows of these relative heights. A column shares its x axis, a row its y."""
    shared: dict[str, Any] = {"sharex": "col", "sharey": "row", "height_ratios": heights}
    with frame(height_in, len(heights), len(heads), **shared, **margins) as (figure, grid):
        for axes, head in zip(grid[0], heads, strict=True):
            write_above(axes, 0, head, head_pt, fontsize=11.5, fontweight="bold")
        yield figure, grid


def heads_of(runs: Sequence[Run], titles: Sequence[str]) -> list[str]:
    """What heads each of one to three runs: the titles, if there are any; else repair and scenario.

    Raises:
        ValueError: no run, or more than three; not as many titles as runs.
    """
    if not 1 <= len(runs) <= 3:
        raise ValueError(f"{len(runs)} runs were given; expected one to three")
    if titles and len(titles) != len(runs):
        raise ValueError(f"{len(titles)} titles for {len(runs)} runs; give one for each")
    return list(titles) or [f"{run.info.fix}, {run.info.scenario}" for run in runs]


def stories(heads: Sequence[str], runs: Sequence[Run], story: Callable[[Run], str]) -> str:
    """The summary of a figure of several runs: of each its head, and its story, a clause."""
    return "; ".join(f"{head}: {story(run)}" for head, run in zip(heads, runs, strict=True)) + "."


def ink(colour: str) -> str:
    """The shade of a line's colour that is dark enough for text on white."""
    return _INK.get(colour, colour)


def halo(text: Any) -> Any:
    """Put a white rim around a text, so that it is readable across a line."""
    from matplotlib.patheffects import withStroke

    text.set_path_effects([withStroke(linewidth=3, foreground="white")])
    return text


def text_px(text: str, points: float = 9.0) -> float:
    """The approximate width of a text as shown, in px: exact enough to keep two texts apart."""
    return 0.87 * points * len(text)


def write_above(axes: Axes, at: float, text: str, points: float, **style: Any) -> None:
    """Write above an axes, `points` above its top edge and at the share `at` of its width."""
    axes.annotate(
        text, (at, 1), xycoords="axes fraction", xytext=(0, points), textcoords="offset points",
        annotation_clip=False, **style,
    )  # fmt: skip


def write_beside(axes: Axes, at: float, row: int, text: str, colour: str = BLACK) -> None:
    """Write just right of the value `at` in a row of horizontal bars."""
    write_near(axes, (at, row), (5, 0), text, colour, va="center", annotation_clip=False)


def write_right(axes: Axes, at: float, text: str, colour: str) -> None:
    """Write to the right of an axes, at the share `at` of its height."""
    write_near(axes, (1, at), (6, 0), text, colour, xycoords="axes fraction", va="center", annotation_clip=False)


def write_near(
    axes: Axes, at: tuple[float, float], by: tuple[float, float], text: str, colour: str = BLACK, *, rim: bool = False,
    **style: Any,
) -> None:  # fmt: skip
    """Write `by` so many points (right, up) from the point `at`, in the dark shade of a colour; `rim` as in `halo`."""
    style = {"fontsize": 9.5, "color": ink(colour), **style}
    written = axes.annotate(text, at, xytext=by, textcoords="offset points", **style)
    if rim:
        halo(written)


def no_story(run: Run, noun: str) -> str:
    """The story of a run that does not count, as a clause; "" for one that does."""
    if run.status is Status.PASS:
        return ""
    how = "ended early" if run.ended_early else "does not count"
    return f"the run {how} ({run.info.status}) and shows {plural(len(run.requests()), noun)}"


def write_origin(axes: Axes, run: Run, text: str, down_pt: float = 36) -> None:
    """Write under a column which run it shows; and, in another colour, why it may not be believed, if that is so."""
    why = run.why_not
    write_near(
        axes, (0, 0), (0, -down_pt), f"{text}; {why}" if why else text, VERMILLION if why else GREY,
        xycoords="axes fraction", fontsize=8.5, va="top", annotation_clip=False,
    )  # fmt: skip


def origin_of(run: Run, gap: str = " ") -> str:
    """Which run a chart shows, for `write_origin`; `gap` stands before its last part, and may be a new line."""
    info = run.info
    arrivals = f"{info.world} world, seed {info.seed}, {len(run.requests())} arrivals,"
    return f"{arrivals}{gap}send lag p99 {seconds(stats.send_lag(run))}"


def shade(column: Sequence[Axes], start: float, end: float) -> None:
    """Shade a time of trouble in some axes."""
    for axes in column:
        axes.axvspan(start, end, color=BLACK, alpha=0.1, lw=0, zorder=0.5)


def bound(axes: Axes, value: float, text: str, colour: str = BLACK, zorder: float = 1.5) -> Label:
    """Draw a bound across an axes as a dashed line; returns its label, for `end_labels`."""
    axes.axhline(value, color=colour, lw=1.1, ls=DASHED, zorder=zorder)
    return value, text, colour


def log_seconds(axes: Axes, least: float, most: float) -> None:
    """Make y a logarithmic axis of times, from `least` to `most` seconds."""
    from matplotlib.ticker import LogLocator, NullFormatter

    axes.set_yscale("log")
    axes.set_ylim(least, most)
    axes.yaxis.set_major_locator(LogLocator(base=10))
    in_seconds(axes)
    axes.yaxis.set_minor_formatter(NullFormatter())


def in_seconds(axes: Axes) -> None:
    """Write the values of the y axis as times."""
    from matplotlib.ticker import FuncFormatter

    axes.yaxis.set_major_formatter(FuncFormatter(lambda value, _: seconds(value)))


def log_sizes(axes: Axes, sizes: Sequence[int]) -> None:
    """Make x a logarithmic axis with a mark at each of the sizes, ascending."""
    axes.set_xscale("log")
    axes.set_xlim(sizes[0] * 0.8, sizes[-1] * 1.25)
    axes.set_xticks(sizes, [f"{size:,}" for size in sizes])
    axes.set_xticks([], minor=True)


def wrapped(name: str) -> str:
    """The name of a row on lines of at most 40 letters: a longer one would be cut off."""
    return "\n".join(textwrap.wrap(name, 40))


def rows_of(axes: Axes, names: Sequence[str]) -> None:
    """Prepare an axes for horizontal bars, one row per name, the first on top."""
    axes.grid(visible=False)
    axes.grid(visible=True, axis="x")
    axes.spines["left"].set_visible(False)
    axes.tick_params(axis="y", length=0)
    axes.set_yticks(range(len(names)), [wrapped(name) for name in names])
    axes.set_ylim(len(names) - 0.4, -0.6)


def room_for(names: Sequence[str]) -> float:
    """The left margin that the longest of the names needs, as a share of the figure's width."""
    longest = max((line for name in names for line in wrapped(name).splitlines()), key=len)
    return min(0.42, text_px(longest, 10) / SHOWN_PX + 0.02)


def end_labels(axes: Axes, labels: Sequence[Label], line_px: float = 15) -> None:
    """Write (value, text, colour) to the right of an axes, each at its value's height, moved apart if they would overlap.

    Of two labels at the same height the first is on top. The limits and the scale of the y axis must be set before.
    """
    height_px = axes.get_window_extent().height
    to_share = axes.transAxes.inverted().transform
    shares = [to_share(axes.transData.transform((axes.get_xlim()[1], value)))[1] for value, _, _ in labels]
    wanted = [min(max(share, 0.0), 1.0) * height_px for share in shares]
    heights = [line_px * (1 + text.count("\n")) for _, text, _ in labels]
    for (_, text, colour), at in zip(labels, apart(wanted, heights, height_px), strict=True):
        write_right(axes, at / height_px, text, colour)


def apart(wanted: Sequence[float], heights: Sequence[float], top: float) -> list[float]:
    """Centres for boxes of these heights within 0 to `top`, as near as possible to `wanted`, without overlaps.

    Boxes keep the order of `wanted`, the first on top of its equals. If their heights together exceed `top`, they extend
    beyond it.
    """
    order = sorted(range(len(wanted)), key=lambda i: (wanted[i], -i))
    placed = list(wanted)
    floor = 0.0
    for i in order:
        placed[i] = max(wanted[i], floor + heights[i] / 2)
        floor = placed[i] + heights[i] / 2
    ceiling = max(top, sum(heights))
    for i in reversed(order):
        placed[i] = min(placed[i], ceiling - heights[i] / 2)
        ceiling = placed[i] - heights[i] / 2
    return placed


def seconds(value: float) -> str:
    """A time for people: 20 ms, 1.6 s, 12 s, never."""
    if math.isinf(value):
        return "never"
    if value == 0:
        return "0 s"
    if value < 0.9995:
        return f"{value * 1000:.3g} ms"
    return f"{value:.2g} s" if value < 9.95 else f"{value:.0f} s"


def percent(share: float) -> str:
    """A share of 0 to 1 as a percentage, whole except near the ends: 100% only for all, 0% only for none."""
    if 0.995 <= share < 1:
        return f"{math.floor(share * 1000) / 10:g}%"
    return f"{math.ceil(share * 1000) / 10:g}%" if 0 < share < 0.005 else f"{share * 100:.0f}%"


def plural(count: float, noun: str) -> str:
    """A count with its noun: 1 attempt, 4 attempts."""
    return f"{count:g} {noun}" if count == 1 else f"{count:g} {noun}s"
