"""The service's side of telemetry: structlog for logs, the OpenTelemetry SDK for spans, readings for metrics.

Everything leaves the process as one JSON line per row, through a `sink` that the world provides.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, MutableMapping, Sequence
from typing import Any

import structlog
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor, SpanExporter, SpanExportResult

from labs.kit.model.names import NS


class Signals:
    """The telemetry of one service: its logs, spans, readings and events."""

    def __init__(self, service: str, sink: Callable[[bytes], None]) -> None:
        self._sink = sink
        self._origin_ns = time.time_ns()
        self.log = structlog.wrap_logger(
            structlog.PrintLogger(),
            processors=[structlog.contextvars.merge_contextvars, structlog.processors.format_exc_info, self._emit_log],
            wrapper_class=structlog.make_filtering_bound_logger(0),
        )
        provider = TracerProvider(resource=Resource({"service.name": service}), shutdown_on_exit=False)
        provider.add_span_processor(SimpleSpanProcessor(_ToSink(self)))
        self.tracer = provider.get_tracer("breakfix")

    def start(self, lead_s: float = 0.0) -> None:
        """Set the start of the run, from which all times count, to `lead_s` seconds from now."""
        self._origin_ns = time.time_ns() + round(lead_s * NS)

    def now(self) -> float:
        """Seconds since the start of the run."""
        return self.since(time.time_ns())

    def since(self, epoch_ns: int) -> float:
        """Seconds from the start of the run to a time in ns since the epoch."""
        return (epoch_ns - self._origin_ns) / NS

    def sample(self, signal: str, value: float) -> None:
        """Emit one reading of a signal; its name follows OpenTelemetry's conventions where they define one."""
        self._send({"table": "samples", "time": self.now(), "signal": signal, "value": float(value)})

    def event(self, kind: str, subject: str, detail: str = "") -> None:
        """Emit a change of the system: restart, deploy, config change."""
        self._send({"table": "events", "time": self.now(), "kind": kind, "subject": subject, "detail": detail})

    def _emit_log(self, logger: Any, method: str, event: MutableMapping[str, Any]) -> str:
        row = {
            "table": "logs",
            "time": self.now(),
            "level": method,
            "event": str(event.pop("event", "")),
            "request_id": str(event.pop("request_id", "")),
            "error_type": str(event.pop("error_type", "")),
            "fields": dict(event),
        }
        self._send(row)
        raise structlog.DropEvent

    def _send(self, row: dict[str, Any]) -> None:
        self._sink(json.dumps(row, default=repr).encode())


class _ToSink(SpanExporter):
    """Exports finished spans as rows."""

    def __init__(self, signals: Signals) -> None:
        self.signals = signals

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        for span in spans:
            self.signals._send(
                {
                    "table": "spans",
                    "trace_id": f"{span.context.trace_id:032x}",
                    "span_id": f"{span.context.span_id:016x}",
                    "parent_id": f"{span.parent.span_id:016x}" if span.parent else "",
                    "name": span.name,
                    "start": self.signals.since(span.start_time or 0),
                    "end": self.signals.since(span.end_time or 0),
                    "status": span.status.status_code.name,
                    "attributes": dict(span.attributes or {}),
                }
            )
        return SpanExportResult.SUCCESS
