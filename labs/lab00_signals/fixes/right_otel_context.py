"""The id in OpenTelemetry's own context, beside the span: one context for both, attached while the request lasts."""

import uuid

from aiohttp import web
from opentelemetry import context, trace
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

W3C = TraceContextTextMapPropagator()
KEY = "request_id"


class Telemetry:
    """One in each of the three services: `service` is its name, `log` a structlog logger, `tracer` OpenTelemetry's."""

    def __init__(self, service, log, tracer) -> None:
        self.service = service
        self.log = log
        self.tracer = tracer

    async def handle(self, request, handler):
        """Around every request that comes in: handler(request) does the work, and may raise."""
        request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        span = self.tracer.start_span(self.service, context=W3C.extract(request.headers))
        token = context.attach(trace.set_span_in_context(span, context.set_value(KEY, request_id)))
        try:
            response = await handler(request)
        except Exception as error:
            response = self.failed(error, span, request_id)
        finally:
            context.detach(token)
            span.end()
        response.headers["X-Request-Id"] = request_id
        return response

    def failed(self, error, span, request_id):
        error_type = error.args[0] if isinstance(error, CallFailed) else type(error).__name__
        span.set_status(trace.StatusCode.ERROR, error_type)
        self.log.bind(request_id=request_id).error(f"{self.service} failed", error_type=error_type)
        return web.json_response({"error": error_type, "request_id": request_id}, status=503)

    async def call(self, session, url, question: dict) -> dict:
        """Ask the next service; what it answers. Raises CallFailed."""
        headers = {"X-Request-Id": str(context.get_value(KEY))}
        W3C.inject(headers)
        async with session.post(url, json=question, headers=headers) as response:
            if not response.ok:
                raise CallFailed((await response.json())["error"])
            return await response.json()


class CallFailed(Exception):
    """The service that was asked failed; its argument is what it says went wrong."""
