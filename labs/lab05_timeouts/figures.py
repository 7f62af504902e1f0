"""The figures of this lab: a run, with request times, product pages and what is under way in the storefront; one request."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import accumulate
from math import inf
from typing import TYPE_CHECKING, Any

from labs.kit import Chart, Run, chart, charts, names, stats
from labs.lab05_timeouts.checks import PAGE_S, PROMISE_S
from labs.lab05_timeouts.readings import CHECKOUT, HEALTHY, LINKS, PRODUCT, SEARCH, in_time, requests, trouble
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
    served = [max([s.value for s in _served(run)], default=0.0) for run in runs]
    inside = served.index(max(served)) if max(served) > 1.2 * PLACES else None
    margins = {"left": 0.075, "right": 0.835, "top": 0.89, "bottom": 0.12, "hspace": 0.36, "wspace": 0.08}
    with chart.columns(6.9, titles, (3, 1.1, 3), head_pt=24, **margins) as (figure, grid):
        _set_limits(grid, runs, link)
        kinds = set[str]().union(*map(_bad_ends, runs))
        for column, run in enumerate(runs):
            times, shown, under_way = grid[:, column]
            last = column == len(runs) - 1
            _draw_times(times, run, kinds if last else None)
            _draw_pages(shown, run, last)
            _draw_under_way(
                under_way, run, link, watched,
                first=column == 0, label=last, beside=inside is None, inside=inside == column,
            )  # fmt: skip
            start, end = trouble(run)
            if start > 0:
                chart.shade(grid[:, column], start, end)
                _name_trouble(times, run, (start + end) / 2)
            chart.write_origin(under_way, run, chart.origin_of(run), down_pt=38)
    return Chart(figure, chart.stories(titles, runs, lambda run: _story(run, link, watched)))


def _set_limits(grid: Any, runs: Sequence[Run], link: str) -> None:
    times, shown, under_way = grid[:, 0]
    for column, run in enumerate(runs):
        grid[0, column].set_xlim(0, run.info.load_s)
    chart.log_seconds(times, 0.008, 5)
    shown.set_ylim(0, 105)
    shown.set_yticks((0, 50, 100))
    most = max([s.value for run in runs for s in _served(run)], default=1.0)
    under_way.set_ylim(0, 1.1 * max(most, PLACES, *(stats.most_in_flight(run, link) for run in runs)))


def _bad_ends(run: Run) -> set[str]:
    """How checkouts and searches of a run ended badly: "error", "gone", both or neither."""
    return {"gone" if r.status == 0 else "error" for r in requests(run, HEALTHY) if not r.ok}


def _draw_times(axes: Axes, run: Run, kinds: set[str] | None) -> None:
    """The points of one run; with `kinds`, what ended badly in any of the runs, also the labels of all."""
    axes.set_title("time of checkout and search, log scale")
    promise = chart.bound(axes, PROMISE_S, f"promised: {PROMISE_S:g} s")
    chosen = requests(run, HEALTHY)
    good = [r for r in chosen if r.ok and r.latency is not None]
    errors = [r for r in chosen if not r.ok and r.status and r.latency is not None]
    gone = [r for r in chosen if r.status == 0]
    axes.scatter([r.intended for r in good], [r.latency or 0 for r in good], s=11, color=chart.BLUE, lw=0, zorder=3)
    look: dict[str, Any] = {"s": 24, "marker": "+", "lw": 1.2, "zorder": 3}
    axes.scatter([r.intended for r in errors], [r.latency or 0 for r in errors], c=chart.ORANGE, **look)
    axes.scatter([r.intended for r in gone], [PATIENCE_S] * len(gone), s=20, c=chart.VERMILLION, marker="x", lw=1, zorder=3)
    if kinds is not None:
        labels = [promise, (0.05, "answered", chart.BLUE)]
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
    chart.bound(axes, PLACES, "")
    samples = _served(run)
    axes.plot([s.time for s in samples], [s.value for s in samples], color=chart.GREY, lw=1.6, ls=(0, (3, 1)), zorder=3)
    if first:  # beside the axes it would be pushed away from its line by the labels of the others
        chart.write_near(axes, (0, PLACES), (4, 3), f"one pool has {PLACES} places", rim=True, va="bottom")
    times, counts = _steps(run, link)
    axes.step(times, counts, where="post", color=chart.ORANGE, lw=2)
    if label:
        labels = [(counts[-1], f"calls to\n{watched}", chart.ORANGE)]
        labels += [(samples[-1].value, "requests that are\nbeing served", chart.GREY)] if samples and beside else []
        chart.end_labels(axes, labels)
    if inside:
        at = next(s for s in samples if s.value > 0.7 * max(s.value for s in samples))
        told = "requests that are\nbeing served"
        chart.write_near(axes, (at.time, at.value), (-8, 0), told, chart.GREY, rim=True, ha="right", va="bottom")


def _steps(run: Run, link: str) -> tuple[list[float], list[float]]:
    """How many calls are under way on a link, as steps: times and counts, up to the end of the load."""
    until = run.info.load_s
    changes = [(r.sent, 1) for r in run.requests(link)] + [(r.done, -1) for r in run.requests(link) if r.done is not None]
    changes = sorted((at, change) for at, change in changes if at <= until)
    counts = [float(count) for count in accumulate(change for _, change in changes)]
    return [0.0, *(at for at, _ in changes), until], [0.0, *counts, counts[-1] if counts else 0.0]


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
    most = stats.most_in_flight(run, link)
    return (
        f"{chart.percent(share)} of checkouts and searches were answered within {chart.seconds(PROMISE_S)} {during},"
        f" {left} of their customers left without an answer in that time, {chart.percent(shown)} of product pages came"
        f" within {chart.seconds(PAGE_S)}, and up to {most} calls to {watched} were under way at once"
    )


def one_request(run: Run, request_id: str) -> Chart:
    """The exchanges of one request as bars in time, and an empty row for the service that it needs and never called.

    Args:
        request_id: a request of the load.
    """
    asked = next(r for r in run.requests() if r.request_id == request_id)
    what, needed = CALLED_FOR.get(asked.endpoint, ("One product page", "recommendations"))
    called = [r for link in LINKS.values() for r in run.requests(link) if r.request_id == request_id]
    rows = [charts.bar(run, r, asked.intended, r.link) for r in (asked, *called)]
    if not any(r.link == LINKS[needed] for r in called):
        rows.append(charts.Bar(LINKS[needed], 0.0, 0.0, chart.GREY, "never called"))
    return charts.bars(rows, f"{what}: {request_id}", f"{what}, {request_id}", asked.intended)
