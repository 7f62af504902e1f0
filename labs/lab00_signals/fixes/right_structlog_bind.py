"""structlog carries the id: bound once, it stands in every line of the request. OpenTelemetry carries the trace."""

import uuid

import structlog
from aiohttp import web
from opentelemetry.trace import SpanKind
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

W3C = TraceContextTextMapPropagator()


class Failed(Exception):
    """A request failed; the message is the type of the error that began it."""


class Telemetry:
    """One in each of the three services: `service` is its name, `log` a structlog logger, `tracer` OpenTelemetry's."""

    def __init__(self, service, log, tracer) -> None:
        self.service = service
        self.log = log
        self.tracer = tracer

    async def handle(self, request, handler):
        """Around every request that comes in: handler(request) does the work, and may raise."""
        request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request_id=request_id)
        try:
            caller = W3C.extract(request.headers)
            # What is raised inside marks the span as failed, by itself.
            with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER):
                response = await handler(request)
        except Failed as error:
            response = self.failure(str(error))
        except Exception as error:
            response = self.failure(type(error).__name__)
        response.headers["X-Request-Id"] = request_id
        return response

    def failure(self, error_type: str):
        self.log.error("request failed", error_type=error_type)  # the bound id comes along
        return web.json_response({"error": error_type}, status=500)

    async def call(self, session, url, question: dict) -> dict:
        """Ask the next service; what it answers. Raises Failed."""
        headers = {"X-Request-Id": structlog.contextvars.get_contextvars()["request_id"]}
        with self.tracer.start_as_current_span(f"call {url}", kind=SpanKind.CLIENT):
            W3C.inject(headers)
            async with session.post(url, json=question, headers=headers) as response:
                answer = await response.json()
                if response.status != 200:
                    raise Failed(answer["error"])
                return answer
