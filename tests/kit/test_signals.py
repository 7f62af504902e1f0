"""Signals: what a service says reaches the record, and what it should not say does not."""

from __future__ import annotations

import json
from datetime import datetime

import pytest
import structlog

from labs.kit.model.record import Event, Log, Sample, Span
from labs.kit.service.telemetry import Signals
from labs.kit.worlds.ingest import LONGEST_LINE, LONGEST_TEXT, parse


class Service:
    """A service's signals and the lines that left it."""

    def __init__(self):
        self.lines: list[bytes] = []
        self.signals = Signals("shop", self.lines.append)
        self.signals.start()

    def rows(self):
        """The lines as the judge reads them."""
        return [parse(line, "shop") for line in self.lines]


@pytest.fixture
def service():
    """A service whose run has just begun."""
    return Service()


def test_a_log_line_becomes_a_row(service):
    """Event, level, request id and error type have columns of their own; the rest is JSON, sorted."""
    service.signals.log.error("refused", request_id="r1", error_type="QueueFull", depth=15, at="bank")
    [(table, row)] = service.rows()
    assert table == "logs"
    assert isinstance(row, Log)
    assert (row.host, row.level, row.event) == ("shop", "error", "refused")
    assert (row.request_id, row.error_type) == ("r1", "QueueFull")
    assert row.fields == '{"at": "bank", "depth": 15}'


def test_a_log_carries_what_is_bound_around_it(service):
    """What structlog's context variables or `bind` hold is in each line, as at work."""
    with structlog.contextvars.bound_contextvars(request_id="r7"):
        service.signals.log.bind(attempt=2).warning("retry")
    [(_, row)] = service.rows()
    assert (row.request_id, row.fields) == ("r7", '{"attempt": 2}')


def test_a_log_with_an_exception_carries_its_traceback(service):
    """`exc_info=True` in an except block records the traceback as text, not as an object."""
    try:
        raise KeyError("price")
    except KeyError:
        service.signals.log.error("failed", exc_info=True)
    [(_, row)] = service.rows()
    assert "KeyError: 'price'" in json.loads(row.fields)["exception"]


def test_a_log_of_something_that_json_cannot_hold_is_still_written(service):
    """Objects are written as their repr: a log line is never the reason that a service fails."""
    service.signals.log.info("odd", when=datetime(2020, 1, 1), kind=object)
    [(_, row)] = service.rows()
    assert "datetime.datetime(2020, 1, 1" in row.fields


def test_a_log_prints_nothing(service, capfd):
    """Log lines go to the record alone; stderr belongs to the learner's own prints."""
    service.signals.log.error("refused")
    assert capfd.readouterr() == ("", "")


def test_spans_keep_their_family(service):
    """A span within a span names it as its parent and shares its trace; attributes and status come along."""
    tracer = service.signals.tracer
    with (
        tracer.start_as_current_span("POST /order") as outer,
        tracer.start_as_current_span("charge", attributes={"attempt": 2}),
    ):
        outer.set_attribute("http.response.status_code", 504)
    (_, inner), (_, top) = service.rows()
    assert isinstance(inner, Span)
    assert (inner.name, top.name) == ("charge", "POST /order")
    assert inner.parent_id == top.span_id != ""
    assert inner.trace_id == top.trace_id
    assert top.parent_id == ""
    assert inner.attributes == '{"attempt": 2}'
    assert top.start <= inner.start <= inner.end <= top.end


def test_a_span_that_raised_says_so(service):
    """The status of a span left by an exception is ERROR, and the exception goes on."""
    with pytest.raises(ZeroDivisionError), service.signals.tracer.start_as_current_span("divide"):
        1 / 0  # noqa: B018  # raises
    [(_, row)] = service.rows()
    assert row.status == "ERROR"


def test_readings_and_changes_become_rows(service):
    """A sample is one number of one signal; an event says what changed."""
    service.signals.sample("queue.depth", 15)
    service.signals.event("restart", "bank", "exit 137")
    (_, sample), (_, event) = service.rows()
    assert (sample.signal, sample.host, sample.value) == ("queue.depth", "shop", 15.0)
    assert (event.kind, event.subject, event.detail) == ("restart", "bank", "exit 137")


def test_times_count_from_the_start_of_the_run(service):
    """Times are seconds since `start`, whatever the clock of the machine says; a lead puts the start later."""
    service.signals.sample("a", 1)
    service.signals.start(lead_s=1000.0)
    service.signals.sample("b", 1)
    (_, first), (_, second) = service.rows()
    assert 0 <= first.time < 500
    assert second.time < -500


def line(**changes):
    """A log line in which some keys are replaced."""
    row = {"table": "logs", "time": 1.5, "level": "info", "event": "e", "request_id": "", "error_type": "", "fields": {}}
    return json.dumps({**row, **changes}).encode()


def test_the_judges_clock_overrides_the_hosts():
    """Where the world knows the time, the host's own word does not count; spans keep theirs, for they are two times."""
    _, row = parse(line(time=99.0), "shop", time=2.0)
    assert row.time == 2.0
    assert parse(line(), "shop")[1].time == 1.5
    span = {
        "table": "spans",
        "trace_id": "t",
        "span_id": "s",
        "parent_id": "",
        "name": "n",
        "start": 1,
        "end": 2,
        "status": "OK",
    }
    _, row = parse(json.dumps({**span, "attributes": {}}).encode(), "shop", time=9.0)
    assert (row.start, row.end) == (1.0, 2.0)


def test_the_host_is_the_one_who_sent_the_line():
    """A line cannot speak for another service: the host is who it came from, whatever it claims."""
    _, row = parse(line(host="bank"), "shop")
    assert row.host == "shop"


@pytest.mark.parametrize(
    "bad",
    [
        b"",
        b"not json",
        b"[1, 2]",
        b'"text"',
        b"\xff\xfe",
        b"[" * 60_000,
        line(table="requests"),
        line(table="run"),
        line(table=["logs"]),
        line(table=None),
        line(time="now"),
        line(time=True),
        line(event=7),
        line(level=None),
        json.dumps({"table": "logs", "time": 1}).encode(),
        b'{"table": "samples", "time": 1, "signal": "x", "value": NaN}',
        b'{"table": "samples", "time": Infinity, "signal": "x", "value": 1}',
        b'{"table": "samples", "time": 1, "signal": "x", "value": 1e999}',
        b'{"table": "samples", "time": 1, "signal": "x", "value": ' + b"9" * 400 + b"}",
    ],
)
def test_a_malformed_line_is_nothing(bad):
    """Code under repair may send anything: what is not a well-formed row is dropped, and never raises."""
    assert parse(bad, "shop") is None


def test_no_line_can_forge_a_request():
    """The tables that checks trust, `requests` and `run`, cannot be written by a service."""
    for table in ("requests", "run"):
        assert parse(line(table=table, link="load->shop", status=200), "shop") is None


def test_long_lines_are_dropped_and_long_texts_cut():
    """A service cannot fill the judge's memory: lines have a limit, and each text has one."""
    assert parse(line(event="x" * LONGEST_LINE), "shop") is None
    _, row = parse(line(event="x" * (LONGEST_TEXT + 1)), "shop")
    assert row.event == "x" * LONGEST_TEXT


def test_text_that_utf8_cannot_hold_is_escaped():
    """A lone surrogate would make the record unwritable; it is kept as an escape."""
    _, row = parse(b'{"table": "events", "time": 1, "kind": "deploy", "subject": "\\ud800", "detail": ""}', "shop")
    assert row == Event(1.0, "deploy", "\\ud800", "", "shop")
    row.subject.encode()


def test_whole_numbers_are_readings_too():
    """A service may count in integers; the record holds floats."""
    _, row = parse(b'{"table": "samples", "time": 1, "signal": "x", "value": 3}', "shop")
    assert row == Sample(1.0, "x", "shop", 3.0, "shop")
    assert isinstance(row.value, float)


def test_a_long_traceback_keeps_what_was_raised_and_the_lines_of_the_repair() -> None:
    """Cut off in the middle it would lose both; the rest of its frames go."""
    frame = '  File "/lib/thing.py", line 7, in run\n    call()\n'
    trace = (
        f'Traceback (most recent call last):\n{frame * 60}  File "fix.py", line 12, in pay\n    self.bugdet\n{frame * 60}'
    )
    row = {"table": "logs", "time": 1, "level": "error", "event": "x", "request_id": "", "error_type": "AttributeError"}
    line = json.dumps({**row, "fields": {"exception": trace + "AttributeError: no attribute 'bugdet'"}}).encode()
    found = parse(line, "shop")
    assert found is not None
    kept = json.loads(found[1].fields)["exception"]
    assert 'File "fix.py", line 12' in kept
    assert kept.endswith("AttributeError: no attribute 'bugdet'")
    assert len(kept) <= 1_500
