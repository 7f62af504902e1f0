"""Outcomes of requests, sessions at the database and descriptors of its clients: are connections given back?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, Chart, plural, seconds
from labs.kit.measure import stats
from labs.kit.model.names import CONNECTIONS, IN_TRANSACTION, MOST_CONNECTIONS, REFUSED_CONNECTIONS
from labs.kit.model.record import Run, Sample

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

DESCRIPTORS = "process.unix.file_descriptor.count"
BIN_S = 0.5
_WORKERS = (BLUE, ORANGE, PURPLE)


@dataclass(frozen=True)
class Span:
    """The begin and end of a disturbance, in seconds of the run, and its name in the chart."""

    start_s: float
    end_s: float
    name: str = ""


def connections(
    runs: Sequence[Run],
    *,
    workers: Sequence[str],
    open_files: int = 0,
    database: str = "database",
    titles: Sequence[str] = (),
    spans: Sequence[Sequence[Span]] = (),
) -> Chart:
    """One to three runs side by side, from the top: requests, sessions at the database server, descriptors of its clients.

    A request counts as answered if its status is below 500: a refusal caused by the request (409, 404) is an answer.

    Args:
        workers: one to three services whose descriptors are drawn.
        open_files: the limit of each worker's descriptors; 0 draws no limit.
        database: the host whose samples count the sessions.
        titles: the title of each column, by default repair and scenario.
        spans: for each run, its disturbances, shaded and named; by default the faults, without names.

    Raises:
        ValueError: there are no runs or workers, or more than three of either; or not one title, or list of spans, per run.
    """
    if not 1 <= len(runs) <= 3 or not 1 <= len(workers) <= len(_WORKERS):
        raise ValueError(f"{len(runs)} runs and {len(workers)} workers were given; expected one to three of each")
    heads = chart.heads_of(runs, titles)
    shaded = list(spans) or [[Span(w.start, w.end) for w in stats.fault_windows(run)] for run in runs]
    if len(shaded) != len(runs):
        raise ValueError(f"{len(shaded)} lists of spans for {len(runs)} runs; give one for each")
    told = chart.stories(heads, runs, lambda run: _story(run, workers, database))
    return Chart(_figure(runs, workers, open_files, database, heads, shaded), told)


def _figure(
    runs: Sequence[Run],
    workers: Sequence[str],
    open_files: int,
    database: str,
    heads: Sequence[str],
    spans: Sequence[Sequence[Span]],
) -> Figure:
    margins = {"left": 0.075, "right": 0.87, "top": 0.9, "bottom": 0.12, "hspace": 0.42, "wspace": 0.1}
    with chart.columns(6.6, heads, (2, 3, 3), **margins) as (figure, grid):
        _set_limits(grid, runs, workers, open_files, database)
        for column, run in enumerate(runs):
            last = column == len(runs) - 1
            answers, sessions, descriptors = grid[:, column]
            _draw_answers(answers, run, last)
            _draw_sessions(sessions, run, database, last)
            _draw_descriptors(descriptors, run, workers, open_files, last)
            for span in spans[column]:
                chart.shade(grid[:, column], span.start_s, min(span.end_s, run.info.seconds))
            _name_spans(answers, run, spans[column])
            lag = seconds(stats.send_lag(run))
            text = f"{run.info.world} world, {len(run.requests())} arrivals,\nsend lag p99 {lag}"
            chart.write_origin(descriptors, run, text)
    return figure


def _set_limits(grid: Any, runs: Sequence[Run], workers: Sequence[str], open_files: int, database: str) -> None:
    for column, run in enumerate(runs):
        grid[0, column].set_xlim(0, run.info.seconds or 1)
    busiest = [sum(both) for run in runs for both in zip(_per_bin(run, True), _per_bin(run, False), strict=True)]
    open_at = [
        s.value for run in runs for s in _readings(run, CONNECTIONS, database) + _readings(run, MOST_CONNECTIONS, database)
    ]
    held = [s.value for run in runs for worker in workers for s in _readings(run, DESCRIPTORS, worker)]
    grid[0, 0].set_ylim(0, 1.15 * max([*busiest, 1]))
    grid[1, 0].set_ylim(0, 1.25 * max([*open_at, 1]))
    grid[2, 0].set_ylim(0, 1.15 * max([*held, open_files, 1]))


def _per_bin(run: Run, good: bool) -> list[int]:
    """The number of requests answered below 500, or of the others, per half second of intended times."""
    due = Counter(int(r.intended / BIN_S) for r in run.requests() if (0 < r.status < 500) == good)
    return [due[number] for number in range(int(run.info.seconds / BIN_S) + 1)]


def _draw_answers(axes: Axes, run: Run, label: bool) -> None:
    axes.set_title(f"requests due in each {seconds(BIN_S)}")
    at = [BIN_S * number for number in range(int(run.info.seconds / BIN_S) + 1)]
    good, bad = _per_bin(run, True), _per_bin(run, False)
    look: dict[str, Any] = {"width": 0.9 * BIN_S, "align": "edge", "lw": 0}
    axes.bar(at, good, color=GREEN, **look)
    axes.bar(at, bad, bottom=good, color=VERMILLION, hatch="///", edgecolor="white", **look)
    if label:
        top = axes.get_ylim()[1]
        chart.end_labels(axes, [(0.75 * top, "answered", GREEN), (0.3 * top, "5xx, or\nno answer", VERMILLION)])


def _draw_sessions(axes: Axes, run: Run, database: str, label: bool) -> None:
    axes.set_title("sessions at the database server")
    total = _readings(run, CONNECTIONS, database)
    stuck = _readings(run, IN_TRANSACTION, database)
    labels: list[chart.Label] = []
    if total:
        axes.fill_between(*_steps(total, run), step="post", color=SKY, alpha=0.35, lw=0)
        axes.step(*_steps(total, run), where="post", color=BLUE, lw=1.6)
        labels.append((total[-1].value, "open", BLUE))
    else:
        axes.text(0.5, 0.5, "no reading", transform=axes.transAxes, ha="center", va="center", color=GREY)
    if stuck:
        axes.step(*_steps(stuck, run), where="post", color=ORANGE, lw=1.8)
        labels.append((stuck[-1].value, "idle in\ntransaction", ORANGE))
    if most := _last(_readings(run, MOST_CONNECTIONS, database)):
        labels.append(chart.bound(axes, most, f"room for {most:g}"))
        refused = [s.time for s in _readings(run, REFUSED_CONNECTIONS, database) if s.value > 0]
        axes.scatter(refused, [1.12 * most] * len(refused), s=26, c=VERMILLION, marker="x", lw=1.1, clip_on=False, zorder=4)
        if refused:
            labels.append((1.25 * most, "refused", VERMILLION))
    if label:
        chart.end_labels(axes, labels)


def _draw_descriptors(axes: Axes, run: Run, workers: Sequence[str], open_files: int, label: bool) -> None:
    axes.set_title("descriptors of a worker")
    axes.set_xlabel("seconds of the run")
    labels: list[chart.Label] = []
    for colour, worker, style in zip(_WORKERS, workers, ("-", "--", ":"), strict=False):
        held = _readings(run, DESCRIPTORS, worker)
        axes.plot([s.time for s in held], [s.value for s in held], color=colour, ls=style)
        if held:
            labels.append((held[-1].value, worker, colour))
    if open_files:
        labels.append(chart.bound(axes, open_files, f"limit {open_files}"))
    if label:
        chart.end_labels(axes, labels)


def _readings(run: Run, signal: str, host: str) -> list[Sample]:
    """The samples up to the run's end, in order: later samples belong to the clean-up."""
    return sorted((s for s in run.samples(signal, host) if s.time <= run.info.seconds), key=lambda s: s.time)


def _steps(samples: Sequence[Sample], run: Run) -> tuple[list[float], list[float]]:
    """A line that holds each value until the next sample, and the last value to the end of the run."""
    return [*(s.time for s in samples), run.info.seconds], [*(s.value for s in samples), samples[-1].value]


def _name_spans(axes: Axes, run: Run, spans: Sequence[Span]) -> None:
    """Write the names of the spans at the top of the axes, above all bars."""
    for span in spans:
        middle = (span.start_s + min(span.end_s, run.info.seconds)) / 2
        style: dict[str, Any] = {"xycoords": ("data", "axes fraction"), "ha": "center", "va": "top", "fontsize": 8.5}
        chart.write_near(axes, (middle, 1), (0, -2), span.name, **style)


def _last(samples: Sequence[Sample]) -> float | None:
    return samples[-1].value if samples else None


def _story(run: Run, workers: Sequence[str], database: str) -> str:
    if none := chart.no_story(run, "request"):
        return none
    requests = run.requests()
    failed = sum(not 0 < r.status < 500 for r in requests)
    parts = [f"{failed} of {plural(len(requests), 'request')} got a 5xx or no answer"]
    total, most = _readings(run, CONNECTIONS, database), _last(_readings(run, MOST_CONNECTIONS, database))
    if total:
        room = f", with room for {most:g}" if most else ""
        parts.append(f"up to {plural(max(s.value for s in total), 'session')} at the server{room}")
    if refused := _last(_readings(run, REFUSED_CONNECTIONS, database)):
        parts.append(f"{refused:g} refused")
    if stuck := _last(_readings(run, IN_TRANSACTION, database)):
        parts.append(f"{stuck:g} idle in a transaction at the end")
    for worker in workers:
        held = _readings(run, DESCRIPTORS, worker)
        if held:
            parts.append(f"{worker} from {held[0].value:g} to {plural(held[-1].value, 'descriptor')}")
    return ", ".join(parts)
