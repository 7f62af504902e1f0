"""From the signals of a run to the contents of the dashboard's five panels, independent of the drawing."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from labs.kit.charts.chart import BLUE, GREEN, GREY, ORANGE, PURPLE, SKY, VERMILLION, seconds
from labs.kit.measure.timeseries import BIN_S, Bin, TimeSeries
from labs.kit.model.lab import Lab, named
from labs.kit.model.names import (
    CONNECTIONS,
    CPU,
    DEPLOY,
    DEPLOY_FAILED,
    FAULT_OFF,
    FAULT_ON,
    LOAD_CHANGED,
    LOOP_LAG,
    MB,
    MEMORY,
    MOST_CONNECTIONS,
    OOM_KILL,
    QUEUES,
    RESTART,
)
from labs.kit.model.record import Event

Point = tuple[float, float | None]
"""(seconds of the run, value); None leaves a gap."""
SAME_S = 3.0
"""Within this many seconds only the first of the same changes has a label, as for a service killed again and again."""
_SHORTEST_S = 0.001  # a log axis has no place for 0
_COLOURS = (PURPLE, SKY, ORANGE, GREEN)


@dataclass(frozen=True)
class Line:
    """One curve: its name, which is also written at its end, and its points."""

    name: str
    colour: str
    points: tuple[Point, ...]
    dashed: bool = False

    @property
    def last(self) -> float | None:
        """The last value of the curve."""
        return next((value for _, value in reversed(self.points) if value is not None), None)


@dataclass(frozen=True)
class Bound:
    """A line across a panel: an objective, a capacity, a limit."""

    value: float
    name: str


@dataclass(frozen=True)
class Panel:
    """One signal. `low` and `top` are the ends of its axis; `shown` makes the labels at `ticks`."""

    title: str
    lines: tuple[Line, ...]
    low: float
    top: float
    ticks: tuple[float, ...]
    shown: Callable[[float], str]
    log: bool = False
    bound: Bound | None = None
    empty: str = ""  # the text of an empty panel


@dataclass(frozen=True)
class Mark:
    """A change of the system at a moment, in a few words; "" if the mark beside it has the same words."""

    at: float
    text: str


@dataclass(frozen=True)
class View:
    """Everything that is drawn of a run from `start` to `end`, in seconds. `faults` are (begin, end) of each fault."""

    panels: tuple[Panel, ...]
    marks: tuple[Mark, ...]
    faults: tuple[tuple[float, float], ...]
    start: float
    end: float


def view(series: TimeSeries, lab: Lab, start: float, end: float, until: float, capacity: float | None = None) -> View:
    """The panels from `start` to `end`, with the data known at `until`. `capacity` is that of the lab's link."""
    first, last = int(start / BIN_S), int(until / BIN_S)
    shown = [(number, series.bins.get(number) or Bin()) for number in range(first, last + 1)]
    whole = [pair for pair in shown if pair[0] < last] or shown  # the bin that is still filling would dip
    changes = [change for change in series.changes if change.time <= until]
    return View(
        (
            _rate(series, whole, capacity),
            _errors(whole),
            _times(series, whole),
            _in_flight(series, first, last),
            _resource(series, lab, first, last),
        ),
        tuple(mark for mark in _marks(changes) if mark.at >= start),
        tuple((a, b) for a, b in _faults(changes, until) if b > start),
        start,
        end,
    )


def _rate(series: TimeSeries, bins: Sequence[tuple[int, Bin]], capacity: float | None) -> Panel:
    def rate(count: Callable[[Bin], int]) -> list[tuple[int, float | None]]:
        """The rate over two bins: one bin is so short that chance would look like a change."""
        counts = [count(b) for _, b in bins]
        return [
            (n, (now + before) / (2 * BIN_S)) for (n, _), now, before in zip(bins, counts, counts[:1] + counts, strict=False)
        ]

    lines, bound = [], None
    if series.link:
        called = series.link.partition("->")[2]
        lines.append(_line(f"calls to {called}", VERMILLION, rate(lambda b: b.calls)))
        bound = Bound(capacity, f"{called} can do {capacity:g}") if capacity else None
    lines.append(_line("offered", GREY, rate(lambda b: b.offered), dashed=True))
    lines.append(_line("in time", BLUE, rate(lambda b: b.in_time)))
    return _linear("requests a second", lines, lambda v: f"{v:g}", bound)


def _errors(bins: Sequence[tuple[int, Bin]]) -> Panel:
    def share(count: Callable[[Bin], int]) -> list[tuple[int, float | None]]:
        return [(n, 100 * count(b) / b.ended if b.ended else None) for n, b in bins]

    lines = (
        _line("error answer", ORANGE, share(lambda b: b.refused)),
        _line("no answer", VERMILLION, share(lambda b: b.silent)),
    )
    return Panel("errors, % of what ended", lines, 0, 100, (0, 50, 100), lambda v: f"{v:.0f} %")


def _times(series: TimeSeries, bins: Sequence[tuple[int, Bin]]) -> Panel:
    def at(q: float) -> list[tuple[int, float | None]]:
        return [(n, None if (t := b.percentile(q)) is None else max(t, _SHORTEST_S)) for n, b in bins]

    lines = (_line("p99", PURPLE, at(99)), _line("p50", BLUE, at(50)))
    values = [v for line in lines for _, v in line.points if v is not None] + [series.objective_s]
    low = 10.0 ** math.floor(math.log10(min(values)) + 1e-9)
    top = 10.0 ** math.ceil(math.log10(max(*values, 10 * low)) - 1e-9)
    ticks = tuple(10.0**e for e in range(round(math.log10(low)), round(math.log10(top)) + 1))
    bound = Bound(series.objective_s, f"objective {seconds(series.objective_s)}")
    return Panel("request time, log scale", lines, low, top, ticks, seconds, log=True, bound=bound)


def _in_flight(series: TimeSeries, first: int, last: int) -> Panel:
    lines = [_line("in flight", BLUE, [(n, float(v)) for n, v in series.in_flight() if first <= n <= last])]
    for signal in QUEUES:
        for host, colour in zip(series.hosts(signal), (ORANGE, GREEN), strict=False):
            lines.append(
                _line(f"queue of {host}", colour, _without_joins(series, host, _read(series, signal, host, first, last)))
            )
    return _linear("requests in the system", lines, lambda v: f"{v:g}")


def _resource(series: TimeSeries, lab: Lab, first: int, last: int) -> Panel:
    """The lab's scarce resource: time of the event loop, memory, or connections; CPU if there is no reading of these."""
    suspects = [service.name for service in lab.services if service.runs_fix]
    limits = {service.name: service.memory_limit_mb for service in lab.services if service.memory_limit_mb}

    def lines(signal: str, hosts: Sequence[str], scale: float) -> list[Line]:
        known = [host for host in hosts if host in series.hosts(signal)]
        return [
            _line(host, colour, [(n, v * scale) for n, v in _read(series, signal, host, first, last)])
            for host, colour in zip(known, _COLOURS, strict=False)
        ]

    if found := lines(LOOP_LAG, suspects, 1000):
        return _linear("event-loop lag, ms", found, lambda v: f"{v:g}", least=50)
    if found := lines(MEMORY, list(limits), 1 / MB):
        limit = max(limits.values())
        return _linear("memory held, MB", found, lambda v: f"{v:g}", Bound(limit, f"limit {limit:g}"))
    if found := lines(CONNECTIONS, series.hosts(CONNECTIONS), 1):
        most = [v for host in series.hosts(MOST_CONNECTIONS) for v in series.gauges[MOST_CONNECTIONS, host].values()]
        bound = Bound(most[-1], f"places {most[-1]:g}") if most else None
        return _linear("open connections", found, lambda v: f"{v:g}", bound)
    if found := lines(CPU, suspects, 100):
        return _linear("CPU, % of a core", found, lambda v: f"{v:g}", least=100)
    return Panel("CPU, % of a core", (), 0, 100, (0, 50, 100), lambda v: f"{v:g}", empty="not read in the simulated world")


def _without_joins(series: TimeSeries, host: str, values: Sequence[tuple[int, float]]) -> list[tuple[int, float | None]]:
    """The readings with a gap where a process took the place of another: the new one's queue is not the old one's."""
    joins = {int(c.time / BIN_S) for c in series.changes if c.kind in (DEPLOY, RESTART) and c.subject == host}
    return [(n, None if n in joins else value) for n, value in values]


def _read(series: TimeSeries, signal: str, host: str, first: int, last: int) -> list[tuple[int, float]]:
    return sorted((n, v) for n, v in series.gauges[signal, host].items() if first <= n <= last)


def _line(name: str, colour: str, values: Sequence[tuple[int, float | None]], dashed: bool = False) -> Line:
    """A curve whose values are drawn at the ends of their bins, when they are known."""
    return Line(name, colour, tuple(((n + 1) * BIN_S, value) for n, value in values), dashed)


def _linear(
    title: str, lines: Sequence[Line], shown: Callable[[float], str], bound: Bound | None = None, least: float = 1.0
) -> Panel:
    values = [v for line in lines for _, v in line.points if v is not None] + ([bound.value] if bound else [])
    top = round_up(max([least, *(1.05 * v for v in values)]))
    return Panel(title, tuple(lines), 0, top, (0, top / 2, top), shown, bound=bound)


def round_up(value: float) -> float:
    """The next 1, 2, 4 or 6 times a power of ten, so that an axis has whole numbers and rarely changes."""
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in (1, 2, 4, 6, 10) if value <= step * power * (1 + 1e-9))


def _faults(changes: Sequence[Event], until: float) -> list[tuple[float, float]]:
    """The begin and end of each fault; for a fault that still acts, the end is now."""
    windows: list[tuple[float, float]] = []
    open_since: dict[tuple[str, str], float] = {}
    for change in changes:
        what = (change.subject, change.detail)
        if change.kind == FAULT_ON:
            open_since.setdefault(what, change.time)
        elif change.kind == FAULT_OFF and what in open_since:
            windows.append((open_since.pop(what), change.time))
    return sorted(windows + [(since, until) for since in open_since.values()])


def _marks(changes: Sequence[Event]) -> list[Mark]:
    marks: list[Mark] = []
    told: dict[str, float] = {}
    for change in changes:
        text = in_words(change)
        again = change.time - told.get(text, -math.inf) < SAME_S
        told[text] = change.time
        marks.append(Mark(change.time, "" if again else text))
    return marks


def in_words(change: Event) -> str:
    """A change in few words, for a label over a chart."""
    if change.kind in (FAULT_ON, FAULT_OFF):
        return f"{change.detail.split()[0]} {'on' if change.kind == FAULT_ON else 'off'}"
    if change.kind == LOAD_CHANGED:
        return f"load {change.detail}"
    if change.kind == DEPLOY:
        return f"{change.subject} runs {named(change.detail)}"
    if change.kind == DEPLOY_FAILED:
        return f"deploy of {change.subject} failed"
    return f"{change.subject} killed" if change.kind == OOM_KILL else f"{change.subject} restarted"


def summary(series: TimeSeries, until: float) -> str:
    """The run up to a moment in one sentence, for readers who do not see the panels."""
    bins = [b for n, b in sorted(series.bins.items()) if n * BIN_S < until]
    offered, ended = sum(b.offered for b in bins), sum(b.ended for b in bins)
    in_time, failed = sum(b.in_time for b in bins), sum(b.failed for b in bins)
    recent = [b for n, b in series.bins.items() if until - 2 <= n * BIN_S < until]
    times = sorted(t for b in recent for t in b.times)
    waiting = sum(b.begun - b.ended for b in bins)
    slowest = f"p99 of its last 2 s {seconds(_p99(times))}" if times else "nothing ended in its last 2 s"
    return (
        f"{until:.0f} s: {offered} requests offered, {in_time} answered within {seconds(series.objective_s)},"
        f" {failed} of {ended} that ended failed, {slowest}, {waiting} in flight."
    )


def _p99(ordered: Sequence[float]) -> float:
    return ordered[math.ceil(0.99 * len(ordered)) - 1]
