"""The waterfall of one request: all its attempts on each link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, VERMILLION, Chart, seconds
from labs.kit.measure import stats
from labs.kit.model.record import Request, Run


@dataclass(frozen=True)
class Bar:
    """One exchange: from when until when, in seconds since the request was due, its colour, and how it ended in words."""

    name: str
    begin: float
    end: float
    colour: str
    ended: str


def bars(rows: Sequence[Bar], title: str, subject: str, due_s: float, least_s: float = 0.0) -> Chart:
    """The exchanges of one request, due at second `due_s` of the run, each drawn at least `least_s` long.

    Args:
        subject: what the request is called in the summary.
    """
    names = [row.name for row in rows]
    height = 1.2 + 0.32 * len(rows)
    margins = {"left": chart.room_for(names), "right": 0.97, "top": 1 - 0.5 / height, "bottom": 0.55 / height}
    with chart.frame(height, **margins) as (figure, [[axes]]):
        chart.rows_of(axes, names)
        for number, row in enumerate(rows):
            if (length := max(row.end - row.begin, least_s)) > 0:
                axes.barh(number, length, left=row.begin, height=0.62, color=row.colour)
            chart.write_beside(axes, row.end, number, row.ended, row.colour)
        axes.set_xlim(0, 1.28 * max(0.001, *(row.end for row in rows)))  # room for the words beside the last bar
        axes.set_xlabel(f"seconds from when it was due, {due_s:.2f} s into the run")
        axes.set_title(title, fontsize=12, fontweight="bold")
    told = "; ".join(f"{row.name} {row.ended}" for row in rows)
    return Chart(figure, f"{subject}, due {due_s:.2f} s into the run: {told}.")


def waterfall(run: Run, request_id: str, links: Sequence[str] | None = None) -> Chart:
    """The exchanges of one request on each link, as bars on a time axis from its intended time.

    Args:
        links: the links to show, outermost first; by default all links with this request.

    Raises:
        ValueError: there is no such request.
    """
    rows = [r for link in links or run.links() for r in run.requests(link) if r.request_id == request_id]
    if not rows:
        known = [r.request_id for r in run.requests()]
        raise ValueError(
            f"no exchange of a request {request_id!r} was recorded; {len(known)} requests were: {', '.join(known[:3])} ..."
        )
    names = [f"{r.link} #{r.attempt}" if sum(o.link == r.link for o in rows) > 1 else r.link for r in rows]
    due = min(r.intended for r in rows)
    drawn = [bar(run, request, due, name) for request, name in zip(rows, names, strict=True)]
    title, least = f"Every attempt of {request_id}", max(one.end for one in drawn) / 300
    return bars(drawn, title, f"Request {request_id}", due, least)


def bar(run: Run, request: Request, due_s: float, name: str) -> Bar:
    """One exchange, beside a request that was due at this second."""
    end = run.info.seconds if request.done is None else request.done
    ended = "never ended" if request.done is None else f"{stats.outcome(request)} after {seconds(end - request.sent)}"
    return Bar(name, request.sent - due_s, end - due_s, BLUE if request.ok else VERMILLION, ended)
