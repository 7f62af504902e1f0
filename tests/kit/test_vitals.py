"""The five signals: numbers from messages or from a record, panels from the numbers, SVG from the panels."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from dataclasses import replace
from itertools import pairwise
from typing import Any

import pytest

from labs.kit.measure.timeseries import BIN_S, TimeSeries
from labs.kit.model.lab import Service
from labs.kit.model.names import DEPLOY, NS
from labs.kit.model.record import Event, Record, Run, Sample
from labs.kit.notebook.dashboard import panels, svg
from labs.kit.notebook.dashboard.figure import five_signals
from labs.kit.notebook.dashboard.panels import Bound, Line, Mark, Panel, View, in_words, round_up
from labs.kit.notebook.dashboard.replay import drawn, window
from labs.kit.notebook.dashboard.svg import rows_of
from tests.kit.handmade import INNER, make_info, make_request, make_run, make_storm
from tests.kit.live.tiny import live_lab

LAB = replace(live_lab("fixed"), services=(Service("shop", "", runs_fix=True, memory_limit_mb=100), Service("bank", "")))
STALL = ("shop->bank", "Stall 2 s")


def names(panel: Panel) -> list[str]:
    """The names of its lines."""
    return [line.name for line in panel.lines]


def values(panel: Panel, name: str) -> list[float | None]:
    """The values of one of its lines."""
    return [value for line in panel.lines if line.name == name for _, value in line.points]


def test_a_record_and_its_messages_give_the_same_numbers() -> None:
    """What a live run says message by message adds up to what its record says at once."""
    requests = [make_request(0.1 * n, 0.05 * (n % 30), (200, 503, 0)[n % 3]) for n in range(60)]
    never = make_request(6.0, None, 0, error_type="unfinished")
    events = [Event(1.0, "fault on", *STALL), Event(1.5, "debit", "order-1", ""), Event(3.0, "fault off", *STALL)]
    from_record = TimeSeries.of(make_run([*requests, never], events), 0.5)
    heard = TimeSeries("shop", 0.5, [round(r.intended * NS) for r in [*requests, never]])
    heard.hear({"begun": [(round(r.intended * NS), round(r.sent * NS)) for r in [*requests, never]]})
    rows = [(i, round(r.sent * NS), round((r.done or 0) * NS), r.status, "") for i, r in enumerate(requests)]
    heard.hear({"rows": [*rows, (60, 6 * NS, -1, 0, "unfinished")]})
    for event in events:
        row = {"table": "events", "time": event.time, "kind": event.kind, "subject": event.subject, "detail": event.detail}
        heard.hear({"signal": row, "host": "shop"})
    heard.hear({"at": 12.0})
    counts = [(n, b.offered, b.ended, b.in_time, b.refused, b.silent) for n, b in sorted(heard.bins.items())]
    assert counts == [(n, b.offered, b.ended, b.in_time, b.refused, b.silent) for n, b in sorted(from_record.bins.items())]
    assert heard.changes == from_record.changes == [events[0], events[2]]
    assert heard.in_flight() == from_record.in_flight()
    assert heard.in_flight()[-1][1] == 1


def test_an_answer_counts_when_it_comes_and_in_time_by_when_it_was_due() -> None:
    """A request due at 0.1 s and answered after 2 s is offered in the first bin and ends, late, in the fifth."""
    series = TimeSeries.of(make_run([make_request(0.1, 2.0), make_request(0.2, 0.1)]), 0.5)
    assert [(b.offered, b.ended, b.in_time) for _, b in sorted(series.bins.items())] == [(2, 1, 1), (0, 1, 0)]
    assert sorted(series.bins) == [0, 4]
    assert series.bins[4].percentile(99) == 2.0
    assert series.bins[7].percentile(99) is None


def test_calls_on_the_labs_link_are_counted_from_rows_and_from_readings() -> None:
    """A record has a row for each call; a run that goes on has only the proxy's counter."""
    series = TimeSeries.of(make_storm(), 1.0, link=INNER)
    assert sum(b.calls for b in series.bins.values()) == len(make_storm().requests(INNER))
    live = TimeSeries("shop", 1.0, link=INNER)
    for at, count in ((0.25, 10), (0.5, 30), (0.75, 70)):
        live.hear({"samples": [(at, "link.exchanges", INNER, count), (at, "link.exchanges", "load->shop", 5)]})
    assert [b.calls for _, b in sorted(live.bins.items())] == [10, 60]


def test_readings_that_cannot_be_drawn_are_left_out() -> None:
    """What a service says before the start, what is no finite number, and signals that nobody shows."""
    series = TimeSeries("shop", 1.0)
    for sample in (
        Sample(-3.0, "queue.depth", "shop", 1.0),
        Sample(1.0, "queue.depth", "shop", float("nan")),
        Sample(1.0, "of.my.own", "shop", 1.0),
    ):
        series.read(sample)
    assert not series.gauges
    for row in ({}, {"table": "events", "time": "?"}, {"table": "samples", "signal": []}, {"table": "events"}):
        series.hear({"signal": row, "host": "shop"})
    assert not series.changes
    series.read(Sample(1.0, "event_loop.lag", "shop", 0.4))
    series.read(Sample(1.1, "event_loop.lag", "shop", 0.1))
    assert series.gauges["event_loop.lag", "shop"] == {2: 0.4}  # the longest of the bin
    for at, depth in ((1.0, 3.0), (1.1, 40.0), (1.2, 4.0)):  # two processes, one of which takes over
        series.read(Sample(at, "queue.depth", "shop", depth))
    assert series.gauges["queue.depth", "shop"] == {2: 40.0}


@pytest.mark.parametrize(
    ("samples", "title", "bound"),
    [
        ([("event_loop.lag", "shop", 0.2), ("process.memory.usage", "shop", 5e7)], "event-loop lag, ms", None),
        ([("process.memory.usage", "shop", 5e7)], "memory held, MB", Bound(100, "limit 100")),
        (
            [("db.client.connection.count", "database", 7), ("db.client.connection.max", "database", 20)],
            "open connections",
            Bound(20, "places 20"),
        ),
        ([("process.cpu.utilization", "shop", 0.5), ("process.cpu.utilization", "bank", 1)], "CPU, % of a core", None),
        ([], "CPU, % of a core", None),
    ],
)
def test_the_last_panel_is_what_the_lab_is_short_of(
    samples: list[tuple[str, str, float]], title: str, bound: Bound | None
) -> None:
    """Lag where it is read, memory where there is a limit, connections where a database counts them, else CPU."""
    series = TimeSeries("shop", 1.0)
    for signal, host, value in samples:
        series.read(Sample(1.0, signal, host, value))
    last = panels.view(series, LAB, 0, 10, 5).panels[-1]
    assert (last.title, last.bound) == (title, bound)
    assert bool(last.lines) is not bool(last.empty)
    if title.startswith("CPU") and samples:
        assert names(last) == ["shop"]  # the bank runs no repair


def test_the_view_shows_what_was_known_then() -> None:
    """In a replay nothing of the future is drawn: no curve, no mark, no end of a fault."""
    series = TimeSeries.of(make_storm(), 1.0, link=INNER)
    early = panels.view(series, LAB, 0, 36, 6.0, capacity=50)
    assert max(at for panel in early.panels for line in panel.lines for at, _ in line.points) <= 6.0 + BIN_S
    assert [mark.text for mark in early.marks] == ["Stall on"]
    assert early.faults == ((5.0, 6.0),)
    late = panels.view(series, LAB, 0, 36, 36, capacity=50)
    assert [mark.text for mark in late.marks] == ["Stall on", "Stall off"]
    assert late.faults == ((5.0, 8.0),)
    rate, errors, times, _, _ = late.panels
    assert names(rate) == ["calls to bank", "offered", "in time"]
    assert rate.bound == Bound(50, "bank can do 50")
    assert max(v or 0 for v in values(errors, "error answer")) == 100
    assert times.bound == Bound(1.0, "objective 1 s")
    assert times.low < 0.02 < 1.6 < times.top


@pytest.mark.parametrize(
    ("event", "text"),
    [
        (Event(1, "fault on", "a->b", "Stall 3 s"), "Stall on"),
        (Event(1, "load", "load->a", "x2"), "load x2"),
        (Event(1, "deploy", "a", "fix"), "a runs your repair"),
        (Event(1, "deploy failed", "a", "a ended with ValueError"), "deploy of a failed"),
        (Event(1, "oom kill", "a", "exit code 137"), "a killed"),
        (Event(1, "restart", "a", "restart 1"), "a restarted"),
    ],
)
def test_changes_in_words(event: Event, text: str) -> None:
    """Each kind of change has its few words."""
    assert in_words(event) == text


def test_a_change_that_comes_again_at_once_has_one_label() -> None:
    """A service that is killed again and again has a mark for each time, and the words only where they are news."""
    series = TimeSeries("shop", 1.0)
    for at, subject in ((4.0, "shop"), (5.0, "shop"), (5.5, "bank"), (40.0, "shop")):
        series.change(Event(at, "oom kill", subject, ""))
    words = [mark.text for mark in panels.view(series, LAB, 0, 60, 60).marks]
    assert words == ["shop killed", "", "bank killed", "shop killed"]


def test_words_over_the_chart_do_not_touch() -> None:
    """Neighbours stand in different rows; where there is room again, the first row is used."""
    marks = [Mark(at, "a change of ten") for at in (0, 1, 2, 60)]
    assert rows_of(marks, lambda at: 10 * at) == [0, 1, 2, 0]


@pytest.mark.parametrize(("value", "top"), [(0.3, 0.4), (1, 1), (1.01, 2), (45, 60), (61, 100), (1810, 2000)])
def test_axes_end_at_round_numbers(value: float, top: float) -> None:
    """The next 1, 2, 4 or 6 times a power of ten."""
    assert round_up(value) == pytest.approx(top)


@pytest.mark.parametrize(("at", "shown"), [(0, (0, 15)), (16, (0, 30)), (45, (0, 60)), (75, (15, 75))])
def test_the_window_grows_and_then_moves(at: float, shown: tuple[float, float]) -> None:
    """A minute is in sight at most."""
    assert window(at) == shown


def svg_of(view: View) -> ET.Element:
    """The picture, parsed: SVG that is no XML raises."""
    return ET.fromstring(svg.draw(view, "all is well & <fine>"))


def texts(picture: ET.Element) -> list[str]:
    """All its texts."""
    return [element.text or "" for element in picture.iter() if element.tag.endswith("}text")]


def panel(*lines: Line, **changes: Any) -> Panel:
    """A panel from 0 to 10."""
    return replace(Panel("a signal", lines, 0, 10, (0, 5, 10), lambda v: f"{v:g}"), **changes)


def test_every_text_is_escaped() -> None:
    """Names that come from outside are shown as they are, and are no markup."""
    evil = "<script>alert('&')</script>"
    line = Line(evil, "#000000", ((1.0, 5.0),))
    picture = svg_of(View((panel(line, title=evil),), (Mark(2.0, evil),), (), 0, 10))
    assert not [element for element in picture.iter() if "script" in element.tag]
    assert {evil, f"{evil} 5"} <= set(texts(picture))


def test_a_gap_is_no_line() -> None:
    """Where there is no value the curve is interrupted; a lone value is a dot; values beyond the axis stay on its edge."""
    line = Line("l", "#000000", ((1.0, 5.0), (2.0, 5.0), (3.0, None), (4.0, 50.0), (5.0, None), (99.0, 1.0)))
    (drawn_line,) = [e for e in svg_of(View((panel(line),), (), (), 0, 10)).iter() if e.get("class") == "line"]
    path = drawn_line.get("d", "")
    assert path.count("M") == 2
    assert path.count("L") == 1
    assert path.endswith("h1.5")
    assert f" {svg.HEAD + svg.GAP}h" in path


def test_labels_at_the_ends_do_not_meet() -> None:
    """Three lines that end at one height have three labels, one below the other."""
    lines = [Line(name, "#000000", ((1.0, 5.0),)) for name in "abc"]
    picture = svg_of(View((panel(*lines, bound=Bound(5, "bound")),), (), (), 0, 10))
    heights = sorted(float(e.get("y", 0)) for e in picture.iter() if e.text in ("a 5", "b 5", "c 5", "bound"))
    assert len(heights) == 4
    assert min(b - a for a, b in pairwise(heights)) >= svg.LABEL_PX - 0.2


def test_a_picture_is_the_same_each_time_and_small() -> None:
    """The same run gives the same text, in less than 40 kB a frame, with its summary for who does not see it."""
    series = TimeSeries.of(make_storm(), 1.0, link=INNER)
    first, second = (drawn(series, LAB, 0, 36, 36, 50) for _ in range(2))
    assert first == second
    assert len(first) < 40_000
    assert panels.summary(series, 36) in first
    assert "<title>36 s: " in first


def test_an_empty_run_is_drawn() -> None:
    """A run of which nothing is known yet has five empty panels, and a sentence."""
    picture = ET.fromstring(svg.draw(panels.view(TimeSeries("shop", 1.0), LAB, 0, 15, 0), "nothing"))
    assert [t for t in texts(picture) if "request time" in t]
    assert panels.summary(TimeSeries("shop", 1.0), 0).startswith("0 s: 0 requests offered")


def test_the_static_chart_shows_the_same_panels() -> None:
    """Without widgets a finished run is a figure of five panels with the same sentence; the same bytes each time."""
    run = make_storm()
    one, two = (five_signals(run, LAB, objective=1.0, link=INNER, capacity=50) for _ in range(2))
    assert [axes.get_title(loc="left") for axes in one.figure.axes] == [
        p.title for p in panels.view(TimeSeries.of(run, 1.0, INNER), LAB, 0, 36, 36).panels
    ]
    assert one.png() == two.png()
    assert one.summary == f"the broken code, outage, simulated world, {panels.summary(TimeSeries.of(run, 1.0, INNER), 36)}"


def test_lone_samples_of_a_record_reach_the_panel() -> None:
    """A queue that a service reports stands beside the requests in flight."""
    record = Record()
    record.add("requests", [make_request(0.1)])
    record.add("samples", [Sample(0.2, "queue.depth", "shop", 3.0)])
    flight = panels.view(TimeSeries.of(Run(record.db, make_info()), 1.0), LAB, 0, 12, 12).panels[3]
    assert names(flight) == ["in flight", "queue of shop"]
    assert values(flight, "queue of shop") == [3.0]


def test_a_queue_has_a_gap_where_another_process_took_over() -> None:
    """The queue of the new process is not what the old one's has become: no line joins them."""
    record = Record()
    record.add("requests", [make_request(0.1)])
    record.add("samples", [Sample(at, "queue.depth", "shop", depth) for at, depth in ((0.2, 90.0), (1.1, 95.0), (1.6, 1.0))])
    record.add("events", [Event(1.2, DEPLOY, "shop", "fix"), Event(0.2, DEPLOY, "bank", "fix")])
    flight = panels.view(TimeSeries.of(Run(record.db, make_info()), 1.0), LAB, 0, 12, 12).panels[3]
    assert values(flight, "queue of shop") == [90.0, None, 1.0]
