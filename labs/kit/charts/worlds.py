"""One scenario in both worlds, the live run drawn over the simulated run."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from labs.kit.charts import chart
from labs.kit.charts.chart import BLACK, BLUE, GREY, ORANGE, Chart, percent, seconds
from labs.kit.measure import stats
from labs.kit.model.record import Run
from labs.kit.model.verdict import Status

if TYPE_CHECKING:
    pass

TAIL_S = 8.0


def worlds(
    simulated: Run, live: Run, *, link: str, capacity: float | None = None, noun: str = "request",
    tried: str = "attempt", **others: object
) -> Chart:  # fmt: skip
    """Both worlds in one figure: the share of answered requests and the attempts on a link, second by second.

    Args:
        link: the link whose attempts are shown, "caller->called".
        capacity: the called service's capacity, in attempts a second.
        noun: the lab's word for a request of the load, such as "order".
        tried: the lab's word for an exchange on the link, such as "label".
        others: arguments in a lab's CHART for other charts; not used here.
    """
    margins = {"left": 0.075, "right": 0.83, "top": 0.88, "bottom": 0.17, "hspace": 0.34}
    with chart.frame(4.9, 2, sharex=True, **margins) as (figure, [[share], [attempts]]):
        until = min(simulated.info.load_s, live.info.load_s)
        share.set_xlim(0, until)
        share.set_ylim(-3, 103)
        labels_share, labels_attempts = [], []
        for run, colour, width, name in ((simulated, ORANGE, 5.0, "simulated"), (live, BLUE, 1.6, "live")):
            bins = [b for b in stats.timeline(run) if b.start < until]
            times = [b.start + b.seconds / 2 for b in bins]
            answered = [100 * b.ok / b.offered if b.offered else float("nan") for b in bins]
            sent = [b.attempts.get(link, 0) / b.seconds for b in bins]
            share.plot(times, answered, color=colour, lw=width, solid_capstyle="round")
            attempts.plot(times, sent, color=colour, lw=width, solid_capstyle="round")
            labels_share.append((answered[-1] if answered else 0.0, name, colour))
            labels_attempts.append((sent[-1] if sent else 0.0, name, colour))
        attempts.set_ylim(0, attempts.get_ylim()[1] * 1.1)
        if capacity:
            labels_attempts.append(chart.bound(attempts, capacity, f"capacity {capacity:g}", zorder=2))
        for window in stats.fault_windows(live):
            if 0 < window.start < until:
                chart.shade((share, attempts), window.start, min(window.end, until))
        chart.end_labels(share, labels_share)
        chart.end_labels(attempts, labels_attempts)
        chart.write_above(share, 0, f"{noun}s answered (%)", 5, fontsize=10)
        chart.write_above(attempts, 0, f"{tried}s a second on {link}", 5, fontsize=10)
        attempts.set_xlabel("time (s)")
        style: dict[str, Any] = {"xycoords": "axes fraction", "fontsize": 8.5, "va": "top", "annotation_clip": False}
        colour = GREY if live.status is Status.PASS else BLACK
        chart.write_near(attempts, (0, 0), (0, -38), _origin(live), colour, **style)
    return Chart(figure, _summary(simulated, live, link, noun, tried))


def _origin(live: Run) -> str:
    doubt = "valid" if live.status is Status.PASS else f"{live.info.status}: do not believe it"
    arrivals = f"{len(live.requests())} arrivals in each world, seed {live.info.seed}"
    return f"{arrivals}; live: send lag p99 {seconds(stats.send_lag(live))}, {doubt}"


def _summary(simulated: Run, live: Run, link: str, noun: str, tried: str) -> str:
    told = []
    for run, name in ((simulated, "simulated"), (live, "live")):
        tail = max(0.0, run.info.load_s - TAIL_S)
        done = stats.success_rate(run, tail) if any(r.intended >= tail for r in run.requests()) else 0.0
        told.append(
            f"{name}, {percent(done)} answered in the last {seconds(run.info.load_s - tail)} and"
            f" {stats.amplification(run, link):.2f} {tried}s per {noun} over the whole run"
        )
    return f"The same {noun}s in both worlds: {told[0]}; {told[1]}."
