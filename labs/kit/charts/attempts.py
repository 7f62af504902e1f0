"""The waterfall of one request: all its attempts on each link."""

from __future__ import annotations

from collections.abc import Sequence

from labs.kit.charts import chart
from labs.kit.charts.chart import BLUE, VERMILLION, Chart, seconds
from labs.kit.measure import stats
from labs.kit.model.record import Request, Run


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
    origin = min(r.intended for r in rows)
    last = max(_end(run, r) for r in rows) - origin
    height = 1.2 + 0.32 * len(rows)
    with chart.settings():
        figure = chart.new_figure(height)
        axes = figure.subplots()
        figure.subplots_adjust(left=chart.room_for(names), right=0.97, top=1 - 0.5 / height, bottom=0.55 / height)
        chart.rows_of(axes, names)
        for number, request in enumerate(rows):
            begin, end = request.sent - origin, _end(run, request) - origin
            colour = BLUE if request.ok else VERMILLION
            axes.barh(number, max(end - begin, last / 300), left=begin, height=0.62, color=colour)
            chart.write_beside(axes, end, number, _ended(request), chart.ink(colour))
        axes.set_xlim(0, 1.28 * max(last, 0.001))  # room for the words beside the last bar
        axes.set_xlabel(f"seconds from when it was due, {origin:.2f} s into the run")
        axes.set_title(f"Every attempt of {request_id}", fontsize=12, fontweight="bold")
    told = "; ".join(f"{name} {_ended(request)}" for name, request in zip(names, rows, strict=True))
    return Chart(figure, f"Request {request_id}, due {origin:.2f} s into the run: {told}.")


def _end(run: Run, request: Request) -> float:
    return run.info.seconds if request.done is None else request.done


def _ended(request: Request) -> str:
    if request.done is None:
        return "never ended"
    return f"{stats.outcome(request)} after {seconds(request.done - request.sent)}"
