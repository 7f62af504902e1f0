"""The span is ended by hand, where the request ends well or badly: one that is cancelled leaves no span."""

LIKE = "right_contextvar"
LOSES = {"leaves": "span_lost"}
CHANGED = {
    'with self.tracer.start_as_current_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER) as span:': """\
span = self.tracer.start_span(f"POST {request.path}", context=caller, kind=SpanKind.SERVER)
        with use_span(span):""",
    """\
        response.headers["X-Request-Id"] = request_id
""": """\
        span.end()
        response.headers["X-Request-Id"] = request_id
""",
    "import SpanKind, StatusCode": "import SpanKind, StatusCode, use_span",
}
