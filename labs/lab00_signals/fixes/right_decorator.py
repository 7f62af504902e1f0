"""Three decorators with one duty each: an id for each task; a span; an error log, after which the error is an HTTP error."""

import asyncio
import functools
import json
import uuid
from weakref import WeakKeyDictionary

from aiohttp import web
from opentelemetry.trace import SpanKind, StatusCode, get_current_span
from opentelemetry.trace.propagation.tracecontext import TraceContextTextMapPropagator

W3C = TraceContextTextMapPropagator()
IDS: WeakKeyDictionary = WeakKeyDictionary()  # task: the id of the request that it works on


class CallFailed(Exception):
    """The service that was asked failed; `error_type` is what it says went wrong."""

    def __init__(self, error_type: str) -> None:
        super().__init__(error_type)
        self.error_type = error_type


def with_id(handle):
    """Keep the id of the request for its task, and send it back with whatever is answered."""

    @functools.wraps(handle)
    async def wrapped(self, request, handler):
        request_id = request.headers.get("X-Request-Id") or uuid.uuid4().hex
        IDS[asyncio.current_task()] = request_id
        try:
            response = await handle(self, request, handler)
        except web.HTTPException as failure:
            failure.headers["X-Request-Id"] = request_id
            raise
        response.headers["X-Request-Id"] = request_id
        return response

    return wrapped


def traced(handle):
    """A span around the request, the child of its caller's."""

    @functools.wraps(handle)
    async def wrapped(self, request, handler):
        caller = W3C.extract(request.headers)
        with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER):
            return await handle(self, request, handler)

    return wrapped


def errors_told(handle):
    """Log what is raised, once, and raise it on as an answer."""

    @functools.wraps(handle)
    async def wrapped(self, request, handler):
        try:
            return await handle(self, request, handler)
        except Exception as error:
            error_type = getattr(error, "error_type", type(error).__name__)
            self.log.error("request failed", request_id=IDS[asyncio.current_task()], error_type=error_type)
            get_current_span().set_status(StatusCode.ERROR, error_type)
            body = json.dumps({"error": error_type})
            raise web.HTTPBadGateway(text=body, content_type="application/json") from error

    return wrapped


class Telemetry:
    """One in each of the three services: `service` is its name, `log` a structlog logger, `tracer` OpenTelemetry's."""

    def __init__(self, service, log, tracer) -> None:
        self.service = service
        self.log = log
        self.tracer = tracer

    @with_id
    @traced
    @errors_told
    async def handle(self, request, handler):
        """Around every request that comes in: handler(request) does the work, and may raise."""
        return await handler(request)

    async def call(self, session, url, question: dict) -> dict:
        """Ask the next service; what it answers. Raises CallFailed."""
        headers = {"X-Request-Id": IDS[asyncio.current_task()]}
        W3C.inject(headers)
        async with session.post(url, json=question, headers=headers) as response:
            answer = await response.json()
            if response.status >= 400:
                raise CallFailed(answer["error"])
            return answer
