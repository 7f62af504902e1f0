"""The id in the module, and a lock so that requests do not mix: now each waits for all that came before it."""

import asyncio
import uuid

from aiohttp import web
from opentelemetry.trace import SpanKind, StatusCode
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

request_id_now = ""
LOSES = {"fast": "slowed_down", "leaves": "span_lost"}

W3C = TraceContextTextMapPropagator()


class CallFailed(Exception):
    """The service that was asked failed; `error_type` is what it says went wrong."""

    def __init__(self, error_type: str) -> None:
        super().__init__(error_type)
        self.error_type = error_type


class Telemetry:
    """One in each of the three services: `service` is its name, `log` a structlog logger, `tracer` OpenTelemetry's."""

    def __init__(self, service, log, tracer) -> None:
        self.service = service
        self.log = log
        self.tracer = tracer
        self.lock = asyncio.Lock()

    async def handle(self, request, handler):
        """Around every request that comes in, one at a time: handler(request) does the work, and may raise."""
        async with self.lock:
            return await self.handle_one(request, handler)

    async def handle_one(self, request, handler):
        global request_id_now
        request_id = request_id_now = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        caller = W3C.extract(request.headers)
        with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER) as span:
            try:
                response = await handler(request)
            except Exception as error:
                error_type = getattr(error, "error_type", type(error).__name__)
                self.log.error("request failed", request_id=request_id, error_type=error_type)
                span.set_status(StatusCode.ERROR, error_type)
                response = web.json_response({"error": error_type}, status=500)
        response.headers["X-Request-Id"] = request_id
        return response

    async def call(self, session, url, question: dict) -> dict:
        """Ask the next service; what it answers. Raises CallFailed."""
        headers = {"X-Request-Id": request_id_now}
        W3C.inject(headers)
        async with session.post(url, json=question, headers=headers) as response:
            answer = await response.json()
            if response.status >= 400:
                raise CallFailed(answer["error"])
            return answer
