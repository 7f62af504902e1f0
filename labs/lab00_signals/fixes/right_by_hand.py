"""Without any propagator: the headers of both ids are read and written by hand, and handed on in one record."""

import re
import uuid
from contextvars import ContextVar
from dataclasses import dataclass

from aiohttp import web
from opentelemetry.trace import NonRecordingSpan, SpanContext, Status, StatusCode, TraceFlags, set_span_in_context

TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-[0-9a-f]{2}")


@dataclass(frozen=True)
class Current:
    """The request that is worked on."""

    request_id: str
    traceparent: str


CURRENT: ContextVar = ContextVar("current")


class CallFailed(Exception):
    """The service that was asked failed; the message is what it says went wrong."""


class Telemetry:
    """One in each of the three services: `service` is its name, `log` a structlog logger, `tracer` OpenTelemetry's."""

    def __init__(self, service, log, tracer) -> None:
        self.service = service
        self.log = log
        self.tracer = tracer

    async def handle(self, request, handler):
        """Around every request that comes in: handler(request) does the work, and may raise."""
        request_id = request.headers.get("X-Request-Id", str(uuid.uuid4()))
        span = self.tracer.start_span(f"{self.service}{request.path}", context=caller(request))
        ids = span.get_span_context()
        token = CURRENT.set(Current(request_id, f"00-{ids.trace_id:032x}-{ids.span_id:016x}-01"))
        try:
            response = await handler(request)
        except CallFailed as error:
            response = self.tell(request_id, str(error), span)
        except Exception as error:
            response = self.tell(request_id, type(error).__name__, span)
        finally:
            CURRENT.reset(token)
            span.end()
        response.headers["X-Request-Id"] = request_id
        return response

    def tell(self, request_id: str, error_type: str, span):
        span.set_status(Status(StatusCode.ERROR))
        self.log.exception("failed", request_id=request_id, error_type=error_type)
        return web.json_response({"error": error_type}, status=500)

    async def call(self, session, url, question: dict) -> dict:
        """Ask the next service; what it answers. Raises CallFailed."""
        current = CURRENT.get()
        headers = {"X-Request-Id": current.request_id, "traceparent": current.traceparent}
        async with session.post(url, json=question, headers=headers) as response:
            answer = await response.json()
        if "error" in answer:
            raise CallFailed(answer["error"])
        return answer


def caller(request):
    """The context of the caller's span; None, for a trace of our own, if it sent none."""
    found = TRACEPARENT.fullmatch(request.headers.get("traceparent", ""))
    if found is None:
        return None
    ids = SpanContext(int(found[1], 16), int(found[2], 16), is_remote=True, trace_flags=TraceFlags(1))
    return set_span_in_context(NonRecordingSpan(ids))
