"""The figures of this lab: a run, with request times, product pages and what is under way in the storefront; one request."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Any

from labs.kit import Chart, Run, Status, chart, names, record, stats
from labs.lab05_timeouts.checks import PAGE_S, PROMISE_S
from labs.lab05_timeouts.readings import (
    CHECKOUT,
    HEALTHY,
    LINKS,
    PRODUCT,
    SEARCH,
    in_time,
    most_under_way,
    requests,
    trouble,
)
from labs.lab05_timeouts.scenarios import PATIENCE_S

if TYPE_CHECKING:
    from matplotlib.axes import Axes

PLACES = 100
"""Connections that one aiohttp session has at once, if nobody says otherwise."""
PAGES_EVERY_S = 0.5
"""Product pages are counted in steps of so many seconds."""
CALLED_FOR = {CHECKOUT: ("One checkout", "payments"), SEARCH: ("One search", "search")}
"""What a request of a route is called, and the service it needs; all others are product pages."""


def flight(runs: Sequence[Run], titles: Sequence[str], watched: str = "recommendations") -> Chart:
    """Runs side by side: each checkout and search as a point, the product pages, and what waits in the storefront.

    Args:
        runs: one to three.
        titles: what heads each column.
        watched: the service whose calls under way are drawn.
    """
    link = LINKS[watched]
    with chart.settings():
        figure = chart.new_figure(6.9)
        heights = {"height_ratios": (3, 1.1, 3)}
        grid = figure.subplots(3, len(runs), sharex="col", sharey="row", squeeze=False, gridspec_kw=heights)
        figure.subplots_adjust(left=0.075, right=0.835, top=0.89, bottom=0.12, hspace=0.36, wspace=0.08)
        _set_limits(grid, runs, link)
        served = [max([s.value for s in _served(run)], default=0.0) for run in runs]
        inside = served.index(max(served)) if max(served) > 1.2 * PLACES else None
        kinds = set[str]().union(*map(_bad_ends, runs))
        for column, (run, title) in enumerate(zip(runs, titles, strict=True)):
            times, shown, under_way = grid[:, column]
            last = column == len(runs) - 1
            _draw_times(times, run, kinds if last else None)
            _draw_pages(shown, run, last)
            _draw_under_way(
                under_way, run, link, watched,
                first=column == 0, label=last, beside=inside is None, inside=inside == column,
            )  # fmt: skip
            start, end = trouble(run)
            for axes in (times, shown, under_way) if start > 0 else ():
                axes.axvspan(start, end, color=chart.BLACK, alpha=0.1, lw=0, zorder=0.5)
            if start > 0:
                _name_trouble(times, run, (start + end) / 2)
            chart.write_above(times, 0, title, 24, fontsize=11.5, fontweight="bold")
            _write_origin(under_way, run)
    told = "; ".join(f"{title}: {_story(run, link, watched)}" for run, title in zip(runs, titles, strict=True))
    return Chart(figure, f"{told}.")


def _set_limits(grid: Any, runs: Sequence[Run], link: str) -> None:
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    times, shown, under_way = grid[:, 0]
    for column, run in enumerate(runs):
        grid[0, column].set_xlim(0, run.info.load_s)
    times.set_yscale("log")
    times.set_ylim(0.008, 5)
    times.yaxis.set_major_locator(LogLocator(base=10))
    times.yaxis.set_major_formatter(FuncFormatter(lambda value, _: chart.seconds(value)))
    times.yaxis.set_minor_formatter(NullFormatter())
    shown.set_ylim(0, 105)
    shown.set_yticks((0, 50, 100))
    most = max([s.value for run in runs for s in _served(run)], default=1.0)
    under_way.set_ylim(0, 1.1 * max(most, PLACES, *(most_under_way(run, link) for run in runs)))


def _bad_ends(run: Run) -> set[str]:
    """How checkouts and searches of a run ended badly: "error", "gone", both or neither."""
    return {"gone" if r.status == 0 else "error" for r in requests(run, HEALTHY) if not r.ok}


def _draw_times(axes: Axes, run: Run, kinds: set[str] | None) -> None:
    """The points of one run; with `kinds`, what ended badly in any of the runs, also the labels of all."""
    axes.set_title("time of checkout and search, log scale")
    axes.axhline(PROMISE_S, color=chart.BLACK, lw=1.1, ls=(0, (6, 2)), zorder=1.5)
    chosen = requests(run, HEALTHY)
    good = [r for r in chosen if r.ok and r.latency is not None]
    errors = [r for r in chosen if not r.ok and r.status and r.latency is not None]
    gone = [r for r in chosen if r.status == 0]
    axes.scatter([r.intended for r in good], [r.latency or 0 for r in good], s=11, color=chart.BLUE, lw=0, zorder=3)
    axes.scatter(
        [r.intended for r in errors], [r.latency or 0 for r in errors], s=24, c=chart.ORANGE, marker="+", lw=1.2, zorder=3
    )
    axes.scatter([r.intended for r in gone], [PATIENCE_S] * len(gone), s=20, c=chart.VERMILLION, marker="x", lw=1, zorder=3)
    if kinds is not None:
        labels = [(PROMISE_S, f"promised: {PROMISE_S:g} s", chart.BLACK), (0.05, "answered", chart.BLUE)]
        labels += [(PATIENCE_S, f"customer left\nafter {PATIENCE_S:g} s (x)", chart.VERMILLION)] if "gone" in kinds else []
        labels += [(PROMISE_S / 2, "error (+)", chart.ORANGE)] if "error" in kinds else []
        chart.end_labels(axes, labels)


def _draw_pages(axes: Axes, run: Run, label: bool) -> None:
    """The share of product pages that came in time, in steps."""
    axes.set_title(f"product pages within {PAGE_S:g} s, %")
    edges = [step * PAGES_EVERY_S for step in range(round(run.info.load_s / PAGES_EVERY_S) + 1)]
    shares = [100 * in_time(run, (PRODUCT,), PAGE_S, edge, edge + PAGES_EVERY_S) for edge in edges[:-1]]
    axes.stairs(shares, edges, color=chart.GREEN, lw=2, baseline=None, zorder=3)
    axes.stairs(shares, edges, color=chart.GREEN, alpha=0.2, fill=True)
    if label:
        chart.end_labels(axes, [(50.0, "product pages\nin time", chart.GREEN)])


def _served(run: Run) -> list[Any]:
    """What the storefront says of the requests that it is serving, up to the end of the load."""
    return [s for s in run.samples(names.ACTIVE_REQUESTS, "storefront") if 0 <= s.time <= run.info.load_s]


def _draw_under_way(
    axes: Axes, run: Run, link: str, watched: str, *, first: bool, label: bool, beside: bool, inside: bool
) -> None:
    """Calls on a link, and requests being served; the label of these stands `beside` the axes, or `inside` at its line."""
    axes.set_title("under way in the storefront")
    axes.set_xlabel("seconds from the start of the load")
    axes.axhline(PLACES, color=chart.BLACK, lw=1.1, ls=(0, (6, 2)), zorder=1.5)
    samples = _served(run)
    axes.plot([s.time for s in samples], [s.value for s in samples], color=chart.GREY, lw=1.6, ls=(0, (3, 1)), zorder=3)
    if first:  # beside the axes it would be pushed away from its line by the labels of the others
        name = axes.annotate(
            f"one pool has {PLACES} places",
            (0, PLACES),
            xytext=(4, 3),
            textcoords="offset points",
            va="bottom",
            fontsize=9.5,
        )
        chart.halo(name)
    times, counts = _steps(run, link)
    axes.step(times, counts, where="post", color=chart.ORANGE, lw=2)
    if label:
        labels = [(counts[-1], f"calls to\n{watched}", chart.ORANGE)]
        labels += [(samples[-1].value, "requests that are\nbeing served", chart.GREY)] if samples and beside else []
        chart.end_labels(axes, labels)
    if inside:
        at = next(s for s in samples if s.value > 0.7 * max(s.value for s in samples))
        text = axes.annotate(
            "requests that are\nbeing served", (at.time, at.value), xytext=(-8, 0), textcoords="offset points", ha="right",
            va="bottom", color=chart.GREY, fontsize=9.5,
        )  # fmt: skip
        chart.halo(text)


def _steps(run: Run, link: str) -> tuple[list[float], list[float]]:
    """How many calls are under way on a link, as steps: times and counts, up to the end of the load."""
    until = run.info.load_s
    changes = [(r.sent, 1) for r in run.requests(link)] + [(r.done, -1) for r in run.requests(link) if r.done is not None]
    changes = sorted((at, change) for at, change in changes if at <= until)
    counts = [float(count) for count in accumulate(change for _, change in changes)]
    return [0.0, *(at for at, _ in changes), until], [0.0, *counts, counts[-1] if counts else 0.0]


def _write_origin(axes: Axes, run: Run) -> None:
    info = run.info
    lag = chart.seconds(stats.send_lag(run))
    text = f"{info.world} world, seed {info.seed}, {len(run.requests())} arrivals, send lag p99 {lag}"
    valid = run.status is Status.PASS
    axes.annotate(
        text if valid else f"{text}; {info.status}", (0, 0), xycoords="axes fraction", xytext=(0, -38),
        textcoords="offset points", fontsize=8.5, color=chart.GREY if valid else chart.ink(chart.VERMILLION), va="top",
        annotation_clip=False,
    )  # fmt: skip


def _name_trouble(axes: Axes, run: Run, at: float) -> None:
    """Write into the grey band whose trouble it is."""
    told = [event for event in run.events(names.FAULT_ON) if event.subject in LINKS]
    if told:
        text = f"{told[0].subject} {told[0].detail}"
        chart.halo(axes.text(at, 4.2, text, ha="center", va="top", fontsize=9, color=chart.GREY))


def _story(run: Run, link: str, watched: str) -> str:
    start, end = trouble(run)
    share = in_time(run, HEALTHY, PROMISE_S, start, end)
    during = f"from second {start:g} to {end:g}" if start > 0 else "over the load"
    shown = in_time(run, (PRODUCT,), PAGE_S, start, end)
    left = sum(r.status == 0 or r.latency in (None, inf) for r in requests(run, HEALTHY, start, end))
    return (
        f"{chart.percent(share)} of checkouts and searches were answered within {chart.seconds(PROMISE_S)} {during},"
        f" {left} of their customers left without an answer in that time, {chart.percent(shown)} of product pages came"
        f" within {chart.seconds(PAGE_S)}, and up to {most_under_way(run, link)} calls to {watched} were under way at once"
    )


def one_request(run: Run, request_id: str) -> Chart:
    """The exchanges of one request as bars in time, and an empty row for the service that it needs and never called.

    Args:
        request_id: a request of the load.
    """
    asked = next(r for r in run.requests() if r.request_id == request_id)
    what, needed = CALLED_FOR.get(asked.endpoint, ("One product page", "recommendations"))
    called = [r for link in LINKS.values() for r in run.requests(link) if r.request_id == request_id]
    rows: list[tuple[str, record.Request | None]] = [(r.link, r) for r in (asked, *called)]
    if not any(r.link == LINKS[needed] for r in called):
        rows.append((LINKS[needed], None))
    links = [link for link, _ in rows]
    ends = [run.info.seconds if r.done is None else r.done for _, r in rows if r]
    height = 1.2 + 0.32 * len(rows)
    with chart.settings():
        figure = chart.new_figure(height)
        axes = figure.subplots()
        figure.subplots_adjust(left=chart.room_for(links), right=0.97, top=1 - 0.5 / height, bottom=0.55 / height)
        chart.rows_of(axes, links)
        for number, (_, r) in enumerate(rows):
            begin = 0.0 if r is None else r.sent - asked.intended
            end = 0.0 if r is None else (run.info.seconds if r.done is None else r.done) - asked.intended
            colour = chart.GREY if r is None else chart.BLUE if r.ok else chart.VERMILLION
            if r is not None:
                axes.barh(number, end - begin, left=begin, height=0.62, color=colour)
            chart.write_beside(axes, end, number, _ended(r), chart.ink(colour))
        axes.set_xlim(0, 1.28 * max(0.001, max(ends) - asked.intended))  # room for the words beside the last bar
        axes.set_xlabel(f"seconds from when it was due, {asked.intended:.2f} s into the run")
        axes.set_title(f"{what}: {request_id}", fontsize=12, fontweight="bold")
    told = "; ".join(f"{name} {_ended(r)}" for name, r in rows)
    return Chart(figure, f"{what}, {request_id}, due {asked.intended:.2f} s into the run: {told}.")


def _ended(request: record.Request | None) -> str:
    """How an exchange ended; None is one that never began."""
    if request is None:
        return "never called"
    if request.done is None:
        return "never ended"
    return f"{stats.outcome(request)} after {chart.seconds(request.done - request.sent)}"
