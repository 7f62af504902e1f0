"""The judge's side of telemetry: one line from a service becomes one row of the record, or is dropped.

The line may come from the code under repair. It is parsed and cut to size, and never trusted.
"""

from __future__ import annotations

import json
import math
from typing import Any

from labs.kit.model.record import Event, Log, Sample, Span

LONGEST_LINE = 64 * 1024
LONGEST_TEXT = 2_000
LONGEST_TRACE = 1_500


def parse(line: bytes, host: str, time: float | None = None) -> tuple[str, Log | Sample | Span | Event] | None:
    """(table, row) from one JSON line of `host`; None if the line is malformed. `time` replaces the host's own time."""
    if len(line) > LONGEST_LINE:
        return None
    try:
        row = json.loads(line)
    except (ValueError, RecursionError):
        return None
    if not isinstance(row, dict):
        return None
    try:
        return _row(row, host, time)
    except (KeyError, TypeError, ValueError, OverflowError, RecursionError):
        return None


def _row(row: dict[str, Any], host: str, time: float | None) -> tuple[str, Log | Sample | Span | Event] | None:
    table = row["table"]
    if table == "spans":
        attributes = row["attributes"] if isinstance(row["attributes"], dict) else {}
        return table, Span(
            _text(row["trace_id"]), _text(row["span_id"]), _text(row["parent_id"]), host, _text(row["name"]),
            _number(row["start"]), _number(row["end"]), _text(row["status"]), _text(json.dumps(attributes, sort_keys=True)),
        )  # fmt: skip
    at = _number(row["time"]) if time is None else time
    if table == "samples":
        return table, Sample(at, _text(row["signal"]), host, _number(row["value"]), host)
    if table == "events":
        return table, Event(at, _text(row["kind"]), _text(row["subject"]), _text(row["detail"]), host)
    if table == "logs":
        extra = _text(json.dumps(_fields(row["fields"]), sort_keys=True))
        return table, Log(
            at, host, _text(row["level"]), _text(row["event"]), _text(row["request_id"]), _text(row["error_type"]), extra
        )
    return None


def _fields(fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a log line; a long traceback is shortened to the frames of the repair and the exception.

    Plain truncation would lose both, and would leave text that is not JSON.
    """
    trace = fields.get("exception")
    if not isinstance(trace, str) or len(trace) <= LONGEST_TRACE:
        return fields
    lines = trace[: 20 * LONGEST_TEXT].splitlines()
    kept = [
        line
        for number, line in enumerate(lines)
        if any('fix.py"' in near for near in lines[max(0, number - 1) : number + 1])
    ]
    return {**fields, "exception": "\n".join([*kept[-12:], trace.strip().splitlines()[-1]])[-LONGEST_TRACE:]}


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"expected text, not {type(value).__name__}")
    return value.encode("utf-8", "backslashreplace").decode()[:LONGEST_TEXT]


def _number(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, (int, float)):
        raise TypeError(f"expected a number, not {type(value).__name__}")
    if not math.isfinite(value):
        raise ValueError("expected a finite number")
    return float(value)
