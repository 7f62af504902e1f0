"""Runs made by hand, for tests of what reads runs: no world is needed to make them."""

from __future__ import annotations

import bisect
import heapq
from collections.abc import Iterable, Sequence

from matplotlib.text import Text

from labs.kit.charts.chart import Chart
from labs.kit.model.load import NS, Phase, arrivals
from labs.kit.model.record import Event, Record, Request, Run, RunInfo
from labs.kit.model.verdict import Status

INNER = "shop->bank"
OUTER = "load->shop"


def make_info(**changes: object) -> RunInfo:
    """The row of a healthy run of 10 s of load and 2 s to settle."""
    base: dict[str, object] = {
        "lab": "lab06_retries", "scenario": "outage", "fix": "broken", "fix_sha": "0" * 64, "world": "simulated", "seed": 0,
        "load_s": 10.0, "seconds": 12.0, "status": str(Status.PASS), "detail": "", "toolchain": "python 3.11",
    }  # fmt: skip
    return RunInfo(**{**base, **changes})  # type: ignore[arg-type]  # the keys are RunInfo's own


def make_request(
    intended: float,
    took: float | None = 0.02,
    status: int = 200,
    *,
    link: str = OUTER,
    request_id: str = "",
    attempt: int = 1,
    sent: float | None = None,
    error_type: str = "",
) -> Request:
    """One exchange; `took` None never ended."""
    done = None if took is None else intended + took
    sent = intended if sent is None else sent
    return Request(link, request_id or f"r{intended:g}", "/order", attempt, intended, sent, done, status, error_type)


def make_run(requests: Iterable[Request] = (), events: Sequence[Event] = (), **changes: object) -> Run:
    """A finished run with these rows; `changes` go to its info."""
    record = Record()
    record.add("requests", requests)
    record.add("events", events)
    return record.close(make_info(**changes))


def make_storm(
    *,
    tries: int = 4,
    bound: int = 0,
    rate: float = 30.0,
    stall_s: float = 3.0,
    seed: int = 0,
    fix: str = "broken",
    load_s: float = 30.0,
) -> Run:
    """A shop that calls a bank of 50 requests a second, first come first served, and tries again after 0.4 s.

    The bank stands still from 5 s on for `stall_s`. Nothing is drawn but the arrivals.
    """
    work_s, patience_s, stalled = 0.02, 0.4, (5.0, 5.0 + stall_s)
    record, ends = Record(), []  # ends: when the bank finishes each piece of work, ascending
    due = [(at / NS, number, 1, at / NS) for number, at in enumerate(arrivals([Phase(rate, load_s)], seed))]
    heapq.heapify(due)
    inner, outer = [], []
    while due:
        now, number, attempt, intended = heapq.heappop(due)
        name = f"order-{number:04d}"
        if bound and len(ends) - bisect.bisect_right(ends, now) >= bound:
            ended, status, error = now + 0.001, 503, ""
        else:
            begins = max(now, ends[-1] if ends else 0.0)
            if stalled[0] <= begins < stalled[1]:
                begins = stalled[1]
            ends.append(begins + work_s)
            late = ends[-1] > now + patience_s
            ended, status, error = (now + patience_s, 0, "timeout") if late else (ends[-1], 200, "")
        inner.append(make_request(now, ended - now, status, link=INNER, request_id=name, attempt=attempt, error_type=error))
        if status == 200 or attempt == tries:
            answer = 200 if status == 200 else 504
            outer.append(make_request(intended, ended - intended, answer, request_id=name))
        else:
            heapq.heappush(due, (ended, number, attempt + 1, intended))
    record.add("requests", sorted(outer, key=lambda r: r.intended))
    record.add("requests", inner)
    if stall_s:
        what = (INNER, "Stall")
        record.add("events", [Event(stalled[0], "fault on", *what), Event(stalled[1], "fault off", *what)])
    return record.close(make_info(load_s=load_s, seconds=load_s + 6, seed=seed, fix=fix))


def cut_off(chart: Chart) -> list[str]:
    """The texts of a chart that do not lie within its picture."""
    chart.figure.draw_without_rendering()
    whole = chart.figure.bbox
    shown = chart.figure.findobj(lambda part: isinstance(part, Text) and part.get_visible() and bool(part.get_text()))
    boxes = [(part.get_text(), part.get_window_extent()) for part in shown if isinstance(part, Text)]
    return [text for text, box in boxes if box.x0 < whole.x0 or box.x1 > whole.x1 or box.y0 < whole.y0 or box.y1 > whole.y1]
